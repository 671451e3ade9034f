"""What secrets look like: whose keys begin how, and where a secret stands.

Every pattern is linear: repeats are bounded or possessive. What is matched is judged in `redact`.
"""

from __future__ import annotations

import re

# Who gives out keys that begin so. What follows must look random.
ISSUED = {
    "A3T": "AWS key", "ABIA": "AWS key", "ACCA": "AWS key", "AGPA": "AWS key", "AIDA": "AWS key",
    "AKIA": "AWS key", "ANPA": "AWS key", "AROA": "AWS key", "ASIA": "AWS key",
    "AIza": "Google key", "GOCSPX-": "Google key", "ya29.": "Google token", "1//0": "Google token",
    "ghp_": "GitHub token", "gho_": "GitHub token", "ghu_": "GitHub token", "ghs_": "GitHub token",
    "ghr_": "GitHub token", "github_pat_": "GitHub token",
    "glpat-": "GitLab token", "gldt-": "GitLab token", "glrt-": "GitLab token",
    "glcbt-": "GitLab token", "glptt-": "GitLab token", "glft-": "GitLab token",
    "glsoat-": "GitLab token", "glagent-": "GitLab token", "gloas-": "GitLab token",
    "xoxa-": "Slack token", "xoxb-": "Slack token", "xoxc-": "Slack token", "xoxd-": "Slack token",
    "xoxe-": "Slack token", "xoxe.xox": "Slack token", "xoxo-": "Slack token",
    "xoxp-": "Slack token", "xoxr-": "Slack token", "xoxs-": "Slack token", "xapp-": "Slack token",
    "hooks.slack.com/services/": "Slack webhook", "hooks.slack.com/workflows/": "Slack webhook",
    "discord.com/api/webhooks/": "Discord webhook",
    "discordapp.com/api/webhooks/": "Discord webhook",
    "sk_live_": "Stripe key", "sk_test_": "Stripe key", "rk_live_": "Stripe key",
    "rk_test_": "Stripe key", "whsec_": "Stripe key",
    "sk-ant-": "Anthropic key", "sk-or-": "OpenRouter key", "sk-": "OpenAI key",
    "gsk_": "Groq key", "xai-": "xAI key", "pplx-": "Perplexity key", "r8_": "Replicate token",
    "hf_": "Hugging Face token", "api_org_": "Hugging Face token",
    "pypi-Ag": "PyPI token", "npm_": "npm token", "rubygems_": "RubyGems key",
    "dckr_pat_": "Docker token", "dckr_oat_": "Docker token",
    "SG.": "SendGrid key", "key-": "Mailgun key", "SK": "Twilio key",
    "dop_v1_": "DigitalOcean token", "doo_v1_": "DigitalOcean token",
    "dor_v1_": "DigitalOcean token", "dapi": "Databricks token",
    "shpat_": "Shopify token", "shpca_": "Shopify token", "shppa_": "Shopify token",
    "shpss_": "Shopify token", "sq0atp-": "Square token", "sq0csp-": "Square token",
    "lin_api_": "Linear key", "ntn_": "Notion token", "figd_": "Figma token",
    "hvs.": "Vault token", "hvb.": "Vault token", "ATATT3": "Atlassian token",
    "ATBB": "Atlassian token", "glsa_": "Grafana token", "glc_": "Grafana token",
    "NRAK-": "New Relic key", "PMAK-": "Postman key", "sntrys_": "Sentry token",
    "sntryu_": "Sentry token", "pscale_tkn_": "PlanetScale token", "dp.pt.": "Doppler token",
    "sbp_": "Supabase token", "CCIPAT_": "CircleCI token", "HRKU-": "Heroku key",
    "AGE-SECRET-KEY-1": "age key",
}  # fmt: skip


NAMES = (
    r"pass(?:word|wd|phrase)|mot[ _-]de[ _-]passe|pwd|secret|token|credentials?"
    r"|(?:api|access|account|auth|private|encryption|signing|shared[_-]?access)[_-]?key"
    r"|client[_-]?secret|bearer|authorization|(?<![a-z])(?:auth|pass|pw|sig)(?![a-z])"
)
# A quote may be escaped, and a line's end spelt: the text may be a string in another.
QUOTE = r"""\\{0,3}["'`]"""
_BETWEEN = r"""(?:[\s"'`+,>|\#()]|\\{1,4}[nrt]?)*+"""
# `)+`, not `)++`: before Python 3.11.5 a possessive group keeps what its failed turn had eaten.
PRIVATE_KEY = rf"""(?x)
-----BEGIN\ [A-Z0-9 ]{{0,20}}PRIVATE\ KEY(?:\ BLOCK)?-----
(?: {_BETWEEN}
    (?: (?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\n\\]*+ | [A-Za-z0-9+/=]{{16,}}+ ) )+
(?: (?:{_BETWEEN}[A-Za-z0-9+/=]{{1,15}}+){{0,2}} {_BETWEEN} -----END\ [A-Z0-9 ]{{0,32}}----- )?
"""
JWT = r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+){0,3}"
IN_URL = r"""://(?P<user>[^\s:/?#@"'`<>]{0,128}+):(?P<secret>[^\s\\/"'`<>]{3,256})@(?=[\w\[{$%])"""
ALONE_IN_URL = r"""://(?P<secret>[\w.~%+-]{16,256}+)@(?=\w)"""
HEADER = (
    rf"""(?i:authorization(?:{QUOTE}|\]){{0,2}}\s{{0,3}}[:=]\s{{0,3}}(?:{QUOTE})?"""
    r"""(?:bearer|basic|token|digest|apikey|negotiate)\s{1,3})"""
    r"""(?P<secret>[^\s\\"'`,;<>{}()$%]{6,}+)"""
)
BEARER = r"""(?i:\bbearer\s{1,3})(?P<secret>[\w.~+/=-]{16,}+)"""
NETRC = (
    r"\b(?:login|user|account)\s{1,8}\S{1,128}+\s{1,8}password\s{1,8}"
    r"""(?P<secret>[^\s\\"'`<>]{3,}+)"""
)
CURL = r"""\s(?:-u|--user|--proxy-user)[ =]["'`]?[^\s:"'`]{1,128}+:(?P<secret>[^\s\\"'`]{3,}+)"""
OPTION = (
    r"""\s--?(?i:[\w-]{0,16}(?:password|passwd|passphrase|token|secret|api-key))\s{1,3}"""
    r"""["'`]?(?P<secret>[^\s\\"'`]{6,}+)"""
)
IN_XML = rf"""(?i:<(?:{NAMES})[^<>\n]{{0,64}}>)(?P<secret>[^\s<>]{{4,256}}+)</"""
PAIR = (
    rf"""(?i:auth|login)\w{{0,12}}\s{{0,3}}(?:=\s{{0,3}})?\(\s{{0,16}}(?P<first>{QUOTE})"""
    rf"""[^\n"'`]{{1,64}}(?P=first),\s{{1,16}}(?P<second>{QUOTE})"""
    r"""(?P<secret>[^\s\\"'`]{4,})(?P=second)"""
)
SIGNATURE = (
    r"""[?&](?:sig|X-Amz-Signature|X-Amz-Security-Token|Signature)=(?P<secret>[\w%+/=.~-]{20,}+)"""
)
AZURE_CLIENT = r"""(?<![\w~.-])(?P<secret>[\w~.-]{3}[78]Q~[\w~.-]{30,36})(?![\w~.-])"""
TELEGRAM = r"""(?<!\w)(?P<secret>\d{8,10}:AA[\w-]{33})(?!\w)"""

SAID = re.compile(
    rf"""(?P<name>{NAMES})(?P<more>[\w-]{{0,32}})(?:{QUOTE}[\])]{{0,2}})?
    (?P<sign>\s{{0,4}}(?::=|=>|={{1,3}}|!==?|:)\s{{0,4}}|\s+(?:is|was)(?:\s+now)?:?\s+)
    (?:[rbuf@]{{0,2}}(?P<quote>{QUOTE})
       (?P<quoted>(?:(?!(?P=quote))(?:[^\n\\]|\\.)){{1,400}})(?P=quote)
      |(?P<bare>[^\s\\"'`,;&<>()\[\]{{}}]{{4,400}}+)(?P<after>[\s\\;&"'`,)\]}}]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
QUOTED = re.compile(
    rf"""(?P<quote>{QUOTE})(?P<secret>[A-Za-z0-9+/_=-]{{20,200}}+)(?P=quote)""", re.VERBOSE
)
EXPORTED = re.compile(
    r"""(?:^|\\n|(?<=["'`]))(?:[ \t]*(?:export[ ]|set[ ]|-[ ]|ENV[ ])?[\w.-]{1,64}+[ ]?[=:][ ]?)
    (?P<secret>[A-Za-z0-9+/_=-]{24,200}+)(?=[ \t\r]*$|\\n)""",
    re.MULTILINE | re.VERBOSE,
)
