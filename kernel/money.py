"""Money: whole minor units inside, a decimal string on the wire, and the currency that a country pays in (ISO 4217)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from kernel.errors import InvalidArguments

MINOR_DIGITS = {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3} | dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    0,
)
"""How many digits the smallest coin has, where it is not 2. ISK and UGX have none, but are counted in hundredths, as Stripe counts them
(docs.stripe.com/currencies, special cases)."""
WHOLE = frozenset({"ISK", "UGX"})
"""Counted in hundredths, and paid in whole ones."""
SHARED = {
    "EUR": "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT",
    "USD": "AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI",
    "XOF": "BF BJ CI GW ML NE SN TG",
    "XAF": "CF CG CM GA GQ TD",
    "XCD": "AG AI DM GD KN LC MS VC",
    "AUD": "AU CC CX KI NF NR TV",
    "NZD": "CK NU NZ PN TK",
    "XPF": "NC PF WF",
    "DKK": "DK FO GL",
    "NOK": "BV NO SJ",
    "GBP": "GB GG GS IM JE",
    "CHF": "CH LI",
    "MAD": "EH MA",
    "ILS": "IL PS",
    "XCG": "CW SX",
}
SINGLE = """
AC:SHP AE:AED AF:AFN AL:ALL AM:AMD AO:AOA AR:ARS AW:AWG AZ:AZN BA:BAM BB:BBD BD:BDT BH:BHD BI:BIF BM:BMD BN:BND BO:BOB BR:BRL BS:BSD BT:BTN BW:BWP BY:BYN BZ:BZD
CA:CAD CD:CDF CL:CLP CN:CNY CO:COP CR:CRC CU:CUP CV:CVE CZ:CZK DJ:DJF DO:DOP DZ:DZD EG:EGP ER:ERN ET:ETB FJ:FJD FK:FKP GE:GEL GH:GHS GI:GIP GM:GMD GN:GNF
GT:GTQ GY:GYD HK:HKD HN:HNL HT:HTG HU:HUF ID:IDR IN:INR IQ:IQD IR:IRR IS:ISK JM:JMD JO:JOD JP:JPY KE:KES KG:KGS KH:KHR KM:KMF KP:KPW KR:KRW KW:KWD KY:KYD
KZ:KZT LA:LAK LB:LBP LK:LKR LR:LRD LS:LSL LY:LYD MD:MDL MG:MGA MK:MKD MM:MMK MN:MNT MO:MOP MR:MRU MU:MUR MV:MVR MW:MWK MX:MXN MY:MYR MZ:MZN NA:NAD NG:NGN
NI:NIO NP:NPR OM:OMR PA:PAB PE:PEN PG:PGK PH:PHP PK:PKR PL:PLN PY:PYG QA:QAR RO:RON RS:RSD RU:RUB RW:RWF SA:SAR SB:SBD SC:SCR SD:SDG SE:SEK SG:SGD SH:SHP
SL:SLE SO:SOS SR:SRD SS:SSP ST:STN SY:SYP SZ:SZL TA:SHP TH:THB TJ:TJS TM:TMT TN:TND TO:TOP TR:TRY TT:TTD TW:TWD TZ:TZS UA:UAH UG:UGX UY:UYU UZ:UZS VE:VES VN:VND
VU:VUV WS:WST YE:YER ZA:ZAR ZM:ZMW ZW:ZWG
"""
CURRENCY_OF = {country: currency for currency, countries in SHARED.items() for country in countries.split()}
CURRENCY_OF |= {country: currency for country, _, currency in (pair.partition(":") for pair in SINGLE.split())}
CURRENCIES = frozenset(CURRENCY_OF.values())
ELSEWHERE = "USD"
"""The currency of a business that is not known to be anywhere."""
WRITTEN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")


def as_amount(written: Any) -> Decimal:
    """An amount as the wire has it ("49.00"; a plain number will do); raises ValueError for a sign, an exponent, or other digits than 0-9."""
    if isinstance(written, bool) or not WRITTEN.fullmatch(str(written)):
        msg = "is not an amount such as 49.00"
        raise ValueError(msg)
    return Decimal(str(written))


def as_currency(code: str) -> str:
    """A currency in use, in capitals; raises ValueError."""
    if code.upper() not in CURRENCIES:
        msg = "is not the code of a currency such as EUR"
        raise ValueError(msg)
    return code.upper()


Amount = Annotated[Decimal, BeforeValidator(as_amount), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]})]
Currency = Annotated[str, AfterValidator(as_currency)]


def currency_in(country: str | None) -> str:
    """What is paid with in a country (ISO 3166)."""
    return CURRENCY_OF.get((country or "").upper(), ELSEWHERE)


def as_minor(amount: Decimal, currency: str) -> int:
    """Minor units (`12.50`, `EUR` → `1250`); raises InvalidArguments when the currency has no such small coin."""
    minor = amount.scaleb(MINOR_DIGITS.get(currency, 2))
    if minor != int(minor) or (currency in WHOLE and minor % 100):
        msg = f"{amount} has more decimals than {currency} has."
        raise InvalidArguments(msg)
    return int(minor)


def as_hundredths(minor: int, currency: str) -> int:
    """Minor units as hundredths of the major unit, rounded up, so that amounts of any currency are written alike."""
    return -(-minor * 100 // int(10 ** MINOR_DIGITS.get(currency, 2)))


def as_decimal(minor: int, currency: str) -> str:
    """Minor units as a decimal string in major units (`1250`, `EUR` → `12.50`)."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
