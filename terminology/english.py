"""Ordinary English words that look like abbreviations, and the pronouns among them."""

from __future__ import annotations

_PRONOUNS = "i it its us we he she me my you him her his they them this that these those who"
PRONOUNS = frozenset(_PRONOUNS.split())

# Words of up to six letters that an English sentence may hold; an abbreviation written like one of them needs
# more than its letters to be recognised.
_WORDS = """
a able about above accept access across act action active actual add after again age ago agent agree ah aid aim air
all allow alone along also alter always am amid among amount an and angle animal annual answer any apart apple apply
april are area arise arm army around arrive art as ask at ate august aunt author avoid awake away baby back bad bag
ball band bank bar base basic basis bat bath be bean bear beat become bed been before begin behind being believe
below belt bench bend beside best bet better beyond bid big bike bill bind bird birth bit bite black block blood blow
blue board boat body bold bond bone book born borrow boss both bottle bottom bowl box boy brain branch brand bread
break bridge bright bring broad brown budget build bus business busy but buy by cake call calm came camera can cap
car card care cars cart case cash cast cat catch cause cell center central centre chain chair chance change charge
chart cheap check chest chief child choice choose church circle city class clean clear clerk click client climb clock
close cloth cloud club coach coal coast coat code coffee cold come common cook cool cope copy core corn corner cost
could count county couple course court cover cow cream create crime cross crowd cry cup cure cut cycle dad daily dam
damage dance danger dare dark data date day dead deal dear death debate debt decade decide deep deer degree delay
demand deny depend depth desert design desk detail device dial did die diet differ dig dinner direct dirt dirty dish
do doctor does dog done door dose dot double doubt down dozen draft drag draw dream dress drew drink drive drop drug
dry due dust duty each ear early earn earth ease east easy eat edge effect effort egg eight either elect else email
empty end energy engine enjoy enough enter entire entry equal era error escape even event ever every exact exam except
excuse exist exit expect expert extra eye face fact factor fail fair faith fall false family famous fan far farm fast
fat father fault favour fear fee feed feel feet fell felt few field fifth fight figure file fill film final find fine
finger finish fire firm first fish fit five fix flag flat flew flight float floor flow flower fly focus fold folk
follow food foot for force form formal former forth forty found four frame free fresh friend from front fruit fuel
full fun fund future gain game gap garden gas gate gather gave gear get gift girl give glad glass go goal god goes
gold gone good got grade grain grand grant grass gray great green grew grey ground group grow growth guard guess
guest guide gun guy had hair half hall hand handle hang happen happy hard has hat hate have head health hear heard
heart heat heavy height held hell hello help hence here hers hi hide high hill hint hire hit hold hole home hope horse
hot hotel hour house how huge human hurt ice idea if ill image impact in inch income index indeed inner input insect
inside into iron is island issue item jet job join joint joke judge july jump june just keep kept key kick kid kill
kind king knee knew knife knock know lab labour lack lady lake land large last late later laugh law lay layer lead
leader leaf learn least leave led left leg legal lend length less lesson let letter level library lie life lift light
like limit line link lip list listen little live load loan local lock log long look lose loss lost lot loud love low
luck lunch machine made mail main major make male man manage many map march mark market mass match may maybe meal mean
means meat media medium meet member men mental menu mere met metal method middle might mile milk mind mine minor
minute miss mix mobile mode model modern moment money month mood moon more most mother motion mouth move movie mr mrs
much mud must name narrow nation native nature near nearly neck need nest net never new news next nice night nine no
nobody nod noise none nor normal north nose not note notice now number obey object obtain odd of off offer office
often oh oil ok okay old on once one only onto open opt option or order other our out output outer over own pace pack
page paid pain paint pair pan paper parent park part party pass past path pay peace pen people per percent perhaps
period permit person phone photo phrase pick piece pin pipe place plan plane plant plate play player please plenty
plus pocket poem point police policy pool poor pop port post pot pound power press pretty price print prior prize pro
profit proof proper public pull pure push put queen quick quiet quite race radio rain raise ran range rank rare rate
rather ratio raw reach read ready real reason recall record red reduce refer region rely remain remove rent repair
repeat reply report rest result return review rice rich ride right ring rise risk river road rock role roll roof room
root rope rose round route row rule run rush safe safety said sail salary sale salt same sand sat save saw say scale
scene school score screen sea search season seat second see seed seek seem seen sell send senior sense sent series
serve set seven sex shade shake shall shape share sharp she sheet shelf ship shirt shock shoe shop short shot should
show shut sick side sign signal silver simple since sing single sink sir sister sit site six size skill skin sky sleep
slip slow small smart smell smile smoke smooth snow so social soft soil sold some son song soon sort soul sound soup
source south space spare speak speed spell spend spent split spoke sport spot spread spring square staff stage stair
stamp stand star start state status stay steal steel step stick still stock stone stood stop store storm story strange
street stress strike strong study stuff style such sudden sugar suit sum summer sun supply sure swim switch system
table tail take taken talk tall tap tape target task taste tax tea teach team tear tell ten tend tent term test text
than thank the their theirs then theory there they thick thin thing think third thirty this those though three threw
throw thus ticket tie tight till time tin tiny tip tire title to today toe told tone too took tool top topic total
touch tough tour toward town toy track trade train travel treat tree trend trial trip truck true trust truth try tube
turn twelve twenty twice two type uncle under union unit unless until up update upon upper upset urge urgent use used
useful user usual value van vast very via video view visit voice vote wage wait wake walk wall want war warm warn was
wash waste watch water wave way weak wealth wear week weight well went were west wet what wheel when where which while
white whole whom whose why wide wife wild will win wind window wine wing winner winter wise wish with within woman won
wonder wood word wore work worker world worry worse worst worth would write wrong yard yeah year yellow yes yet york
young your yours youth zero zone
"""
ORDINARY = frozenset(_WORDS.split()) | PRONOUNS
