"""Recognise captions, source lines and page chrome by the words that such lines use everywhere.

The rules are general, in English and Chinese; none is made for one site. Layout is left to
`qa.text.blocks`.
"""

import re

_LONGEST_CHROME = 220  # characters; a longer paragraph is prose whatever it mentions
_LONGEST_SOURCE_LINE = 160
_SOURCE_WORDS = 8  # a longer line that ends with a full stop is a sentence

# A line is chrome when it opens as a notice does, or consists wholly of words of navigation: a
# sentence that only mentions a login, an app or cookies may be an answer.
_PLACES = r"(?:twitter|facebook|x|instagram|weibo|linkedin|youtube|wechat|tiktok|whatsapp|telegram)"
_TARGETS = r"(?:this|our|us|the|page|article|story|newsletters?|app|account|comments?|site)"
_ACTIONS = r"""
    subscribe | sign\ (?:up|in) | log\ ?(?:in|out) | register | share | print | e-?mail | save | search | menu | home(?:\ ?page)?
    | click\ here | read\ more | see\ (?:also|more) | related\ (?:articles|stories|news|links) | more\ from | loading
    | most\ (?:read|popular) | back\ to\ top | skip\ to(?:\ (?:main\ )?content)? | advertisement | sponsored(?:\ content)?
    | (?:next|previous)\ (?:page|article|story) | follow | contact | about | privacy(?:\ policy)? | cookie\ (?:policy|settings)
    | terms(?:\ (?:of|and)\ (?:use|service|conditions))? | site\ ?map | disclaimer | accept(?:\ all)? | cookies | download | get
"""
_CHROME = re.compile(
    rf"""(?ix)
    ^\W*copyright\W*(?:©|\(c\)|(?:by\ )?\d{{4}}) | ^\W*(?:©|\(c\)\s*\d{{4}})
    | ^[^.]{{0,60}}(?:\b(?:inc|ltd|co|corp|s\.a)\.)?[^.\w]*\ball\ rights\ reserved\b | ^\W*版权所有 | (?:版权所有|保留所有权利)\W*$
    | ^\W*(?:follow|like|find|join)\ (?:us|[\w.]+)\ on\ {_PLACES}\b
    | ^\W*(?:{_ACTIONS})(?:\W+(?:{_ACTIONS}|{_TARGETS}|{_PLACES}|or|and|for|to|on|via|by|now|here|today|free))*\W*$
    | ^\W*(?:read\ more|related|more\ from\ [\w ]{{2,30}}|related\ (?:articles|stories|news))\s*[:：][^.!?]{{0,120}}$
    | ^[^。，.,;]{{0,30}}(?:客户端(?:下载)?|\bapp\ download)\W{{0,3}}$ | ^\W*下载.{{0,12}}客户端\W*$
    | \bby\ (?:continuing|clicking|using)\b.{{0,120}}\bcookies\b | \buses?\ cookies\b.{{0,120}}\b(?:accept|agree|consent)\b
    | ^\W*(?:违法|不良信息|举报|投诉)[^。，]{{0,16}}[:：]\s*\S+$
    | ^\W*(?:分享(?:到|至)?|打印(?:本页)?|字号|返回(?:顶部|首页)?|上一篇|下一篇|相关(?:新闻|阅读|推荐))\W*$
    | ^\W*(?:上一篇|下一篇|责任编辑|相关(?:新闻|阅读|推荐))\s*[:：] | ICP[备证](?:案号)?\s*[:：]?\s*\d
    | \b(?:opinion|view)s?\b.*\b(?:do\ not\ (?:necessarily\ )?(?:reflect|represent)|not\ necessarily\ (?:those|the\ (?:view|opinion)s))\b
    | ^\W*page\ \d+(?:\ ?(?:of|/)\ ?\d+)?\W*$ | \[page\ \d+\]$
    | ^(?:<[^<>]+>\s*)+$ | ^(?:\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)\s*)+$
    """
)
_CAPTION = re.compile(
    r"""(?ix)
    ^(?:photo|image|picture|figure|fig\.?|chart|map|exhibit|diagram|illustration|table)\s*(?:\d+[\w.]*)?\s*[:：]\s*\S
    | ^(?:figure|fig\.?|chart|exhibit|table)\s*\d+[\w.]*(?:\s*[.—–-]\s+\S|\s+(?-i:[A-Z]))[^|]{0,250}$
    | ^!\[[^\]]*\]\([^)]*\)$ | ^[图表]\s*\d+
    | [\[(（【](?:file\ )?(?:photo|image|picture|credit|source|photograph|图|摄)[^\])）】]{0,60}[\])）】]\W*$
    | (?:[.!?"”)]|^)\s*(?:file\ )?(?:photo|image|picture|photograph|credit)s?\s*(?::|/|by\b|courtesy\b)\s*[^.!?]{2,60}$
    """
)
_DATE = r"""(?:\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}
    |(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+
    (?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?\d{4})"""
_SOURCE_LINE = re.compile(
    rf"""(?x)
    ^\W*(?i:source|sources|author|authors|editor|publisher|published|updated|posted|date|dateline|byline|reporting\ by|written\ by)
        \s*(?:[:：]|(?i:on|by|at)\b|(?=\d))\s*\S
    | ^[Bb][Yy]\s+(?:[A-Z][\w.'’-]*[\s,]*(?:and\s+)?){{1,6}}(?:\||$)
    | ^\W*(?:来源|作者|记者|编辑|发布(?:时间|日期)?|时间|日期|文)\s*[:：]\s*\S
    | ^\W*(?i:(?:\w+day,?\s+)?{_DATE})(?:[\sT|,·-]*\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?(?:\s*(?i:am|pm|gmt|utc|est|bst))?\W*(?:\S+\W*){{0,5}}$
    """
)


def is_boilerplate(content: str) -> bool:
    """Tell whether a paragraph is page chrome: rights, navigation, sharing, contact lines.

    >>> is_boilerplate("Copyright © 1996-2024 ACME Corporation"), is_boilerplate("It rose 5 %.")
    (True, False)
    """
    return len(content) <= _LONGEST_CHROME and _CHROME.search(content) is not None


def is_caption(content: str) -> bool:
    """Tell whether a paragraph describes a picture, figure or table.

    >>> is_caption("The port at dusk. [Photo/Agency]"), is_caption("Figure 2: Trade by year")
    (True, True)
    """
    return _CAPTION.search(content) is not None


def is_source_line(content: str) -> bool:
    """Tell whether a line says who published or wrote the text, or when.

    >>> is_source_line("2024年07月25日 19:04 某某新闻"), is_source_line("By Ann Lee and Bo Chen")
    (True, True)
    """
    if content[-1:] in tuple(".!?。！？") and len(content.split()) > _SOURCE_WORDS:
        return False
    return len(content) <= _LONGEST_SOURCE_LINE and _SOURCE_LINE.search(content) is not None
