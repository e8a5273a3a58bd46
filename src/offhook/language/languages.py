"""Which language tags exist: `en`, `en-gb`, `zh-hant-tw`. Whether a voice speaks one is the audio room's matter.

The names are the table's second half because people write `english` as often as `en`.
"""

import re
from difflib import get_close_matches

# language[-script][-region] of BCP 47 (RFC 5646 section 2.1), which is what voices differ by.
_TAG = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?")

# ISO 639-1, and three languages that are widely spoken and have no code of two letters.
_TABLE = """
aa Afar, ab Abkhazian, ae Avestan, af Afrikaans, ak Akan, am Amharic, an Aragonese, ar Arabic, as Assamese, av Avaric,
ay Aymara, az Azerbaijani, ba Bashkir, be Belarusian, bg Bulgarian, bi Bislama, bm Bambara, bn Bengali, bo Tibetan,
br Breton, bs Bosnian, ca Catalan, ce Chechen, ch Chamorro, co Corsican, cr Cree, cs Czech, cu Slavonic, cv Chuvash,
cy Welsh, da Danish, de German, dv Divehi, dz Dzongkha, ee Ewe, el Greek, en English, eo Esperanto, es Spanish,
et Estonian, eu Basque, fa Persian, ff Fulah, fi Finnish, fj Fijian, fo Faroese, fr French, fy Frisian, ga Irish,
gd Gaelic, gl Galician, gn Guarani, gu Gujarati, gv Manx, ha Hausa, he Hebrew, hi Hindi, ho Motu, hr Croatian,
ht Haitian, hu Hungarian, hy Armenian, hz Herero, ia Interlingua, id Indonesian, ie Interlingue, ig Igbo, ii Yi,
ik Inupiaq, io Ido, is Icelandic, it Italian, iu Inuktitut, ja Japanese, jv Javanese, ka Georgian, kg Kongo, ki Kikuyu,
kj Kuanyama, kk Kazakh, kl Kalaallisut, km Khmer, kn Kannada, ko Korean, kr Kanuri, ks Kashmiri, ku Kurdish, kv Komi,
kw Cornish, ky Kyrgyz, la Latin, lb Luxembourgish, lg Ganda, li Limburgish, ln Lingala, lo Lao, lt Lithuanian,
lu Luba-Katanga, lv Latvian, mg Malagasy, mh Marshallese, mi Maori, mk Macedonian, ml Malayalam, mn Mongolian,
mr Marathi, ms Malay, mt Maltese, my Burmese, na Nauru, nb Bokmal, nd Ndebele, ne Nepali, ng Ndonga, nl Dutch,
nn Nynorsk, no Norwegian, nr Ndebele, nv Navajo, ny Chichewa, oc Occitan, oj Ojibwa, om Oromo, or Oriya, os Ossetian,
pa Punjabi, pi Pali, pl Polish, ps Pashto, pt Portuguese, qu Quechua, rm Romansh, rn Rundi, ro Romanian, ru Russian,
rw Kinyarwanda, sa Sanskrit, sc Sardinian, sd Sindhi, se Sami, sg Sango, si Sinhala, sk Slovak, sl Slovenian,
sm Samoan, sn Shona, so Somali, sq Albanian, sr Serbian, ss Swati, st Sotho, su Sundanese, sv Swedish, sw Swahili,
ta Tamil, te Telugu, tg Tajik, th Thai, ti Tigrinya, tk Turkmen, tl Tagalog, tn Tswana, to Tonga, tr Turkish,
ts Tsonga, tt Tatar, tw Twi, ty Tahitian, ug Uighur, uk Ukrainian, ur Urdu, uz Uzbek, ve Venda, vi Vietnamese,
vo Volapuk, wa Walloon, wo Wolof, xh Xhosa, yi Yiddish, yo Yoruba, za Zhuang, zh Chinese, zu Zulu,
cmn Mandarin, fil Filipino, yue Cantonese
"""

LANGUAGES: dict[str, str] = {
    code: name for code, _, name in (entry.strip().partition(" ") for entry in _TABLE.split(","))
}
"""The known languages: code to English name."""

# Country codes and codes of three letters that are taken for the language's.
_MISTAKEN = {
    "at": "de-at",
    "cn": "zh-cn",
    "cz": "cs",
    "deu": "de",
    "dk": "da",
    "eng": "en",
    "fra": "fr",
    "gb": "en-gb",
    "gr": "el",
    "ita": "it",
    "jp": "ja",
    "jpn": "ja",
    "kor": "ko",
    "mx": "es-mx",
    "spa": "es",
    "ua": "uk",
    "us": "en-us",
    "zho": "zh",
}
_CODES = {name.lower(): code for code, name in LANGUAGES.items()}
_LONGEST_TAG = 20


def tag_of(word: str) -> str | None:
    """Return the language tag that a word spells, in lower case, or None when it spells none."""
    tag = word.lower()
    match = _TAG.fullmatch(tag)
    return tag if match and match[1] in LANGUAGES else None


def tag_meant_by(word: str) -> str | None:
    """Guess which language was meant: `english`, `jp`, `en_GB`; None when nothing comes close."""
    if len(word) > _LONGEST_TAG:
        return None
    written = word.lower().replace("_", "-")
    if written in _MISTAKEN:
        return _MISTAKEN[written]
    if tag := tag_of(written):
        return tag
    names = get_close_matches(written, _CODES, n=1, cutoff=0.75)
    if names:
        return _CODES[names[0]]
    # `ja-jpn` or `en-uk-x`: the language is right and what follows is not.
    return tag_of(written.partition("-")[0])
