"""Know "Norwegian" by "Norway": what is named after a country is no other name than its own.

Countries of which both forms do not share their stem. Used where a question's names are looked
for; retrieval knows such words to be near by their vectors.
"""

from collections import defaultdict

from qa.text import stem

_FORMS = """
afghan afghanistan|albanian albania|algerian algeria|american america usa|angolan angola
argentine argentinian argentina|armenian armenia|australian australia|austrian austria
azerbaijani azeri azerbaijan|bangladeshi bangladesh|belarusian belarus|belgian belgium
bolivian bolivia|bosnian bosnia|brazilian brazil|british britain uk|bulgarian bulgaria
cambodian cambodia|cameroonian cameroon|canadian canada|chilean chile|chinese china
colombian colombia|croatian croatia|cuban cuba|cypriot cyprus|czech czechia|danish denmark
dutch netherlands holland|ecuadorian ecuador|egyptian egypt|english england|estonian estonia
ethiopian ethiopia|european europe|filipino philippine philippines|finnish finland
french france|georgian georgia|german germany|ghanaian ghana|greek greece|haitian haiti
hungarian hungary|icelandic iceland|indian india|indonesian indonesia|iranian iran|iraqi iraq
irish ireland|israeli israel|italian italy|jamaican jamaica|japanese japan|jordanian jordan
kazakh kazakhstan|kenyan kenya|korean korea|kuwaiti kuwait|kyrgyz kyrgyzstan|laotian lao laos
latvian latvia|lebanese lebanon|libyan libya|lithuanian lithuania|malaysian malaysia
maltese malta|mexican mexico|moldovan moldova|mongolian mongolia|moroccan morocco
mozambican mozambique|nepalese nepali nepal|nigerian nigeria|norwegian norway|pakistani pakistan
palestinian palestine|panamanian panama|peruvian peru|polish poland|portuguese portugal
romanian romania|russian russia|rwandan rwanda|saudi arabia|scottish scotland
senegalese senegal|serbian serbia|slovak slovakia|slovene slovenian slovenia
somali somalia|spanish spain|sudanese sudan|swedish sweden|swiss switzerland
syrian syria|taiwanese taiwan|tajik tajikistan|tanzanian tanzania|thai thailand
tunisian tunisia|turkish turkey|turkmen turkmenistan|ugandan uganda|ukrainian ukraine
uruguayan uruguay|uzbek uzbekistan|venezuelan venezuela|vietnamese vietnam|welsh wales
yemeni yemen|zambian zambia|zimbabwean zimbabwe|african africa|asian asia
"""


def _families() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for line in _FORMS.replace("\n", "|").split("|"):
        family = frozenset(map(stem, line.split()))
        for one in family:
            found[one] |= family
    return found


_FAMILIES = _families()


def forms(word: str) -> frozenset[str]:
    """Return the stems under which a folded word may stand: its own, and its country's.

    >>> sorted(forms("french")), sorted(forms("bridge"))
    (['franc', 'french'], ['bridg'])
    """
    own = stem(word)
    return _FAMILIES.get(own, frozenset({own}))
