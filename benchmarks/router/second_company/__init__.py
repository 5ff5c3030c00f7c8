"""A second invented company, a freight forwarder, on which nothing is tuned: does the router travel?"""
