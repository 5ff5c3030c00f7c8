"""The one place where concrete classes are chosen and put together; everything opens when it is first needed.

Each file adds to the one before it what it draws on: stores, capabilities, the catalogue, each lane alone, the language
model, whole answers; `Application` is all of them.
"""

from api.wiring.application import Application

__all__ = ["Application"]
