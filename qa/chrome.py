"""Recognise captions, source lines and page chrome by the words that such lines use everywhere.

The rules are general, in English and Chinese; none is made for one site. Layout is left to
`qa.blocks`.
"""

import re

_LONGEST_CHROME = 220  # characters; a longer paragraph is prose whatever it mentions
_LONGEST_SOURCE_LINE = 160

_CHROME = re.compile(
    r"""(?ix)
    ^\W*(?:copyright\b|©|\(c\)\s*\d{4}) | all\ rights\ reserved | 版权所有 | 保留所有权利
    | ^\W*(?:follow|like|find|join)\ (?:us|[\w.]+)\ on\ (?:twitter|facebook|x\b|instagram|weibo|linkedin|youtube|wechat)
    | ^\W*(?:subscribe|sign\ (?:up|in)|log\ ?in|register)\b(?:\W|\ (?:to|for|now|here|today)|$)
    | (?:app|客户端)\s*(?:download|下载)?\W*$ | ^\W*(?:download|get)\ (?:the|our)\ .{0,30}\bapp\b
    | ^\W*(?:click\ here|read\ more|see\ (?:also|more)|related\ (?:articles|stories|news|links)|more\ from|
         most\ (?:read|popular)|share\ (?:this|on|via)|print\ this|email\ this|back\ to\ top|skip\ to|home\ ?page|
         advertisement|sponsored|loading|menu|search|next\ (?:page|article)|previous\ (?:page|article))\b[^.]{0,60}$
    | \bcookies?\b.{0,60}\b(?:accept|consent|policy|use)\b | \b(?:accept|use)\b.{0,40}\bcookies\b
    | ^\W*(?:privacy\ policy|terms\ (?:of|and)\ (?:use|service|conditions)|contact\ us|about\ us|site\ ?map|disclaimer)\b[^.]{0,80}$
    | (?:举报|投诉|联系|客服)\S{0,4}[:：] | ^\W*(?:分享|打印|字号|返回|上一篇|下一篇|责任编辑|相关(?:新闻|阅读))
    | ^\s*(?:https?://|www\.)\S+\s*$ | ^\S+@\S+\.\w+\s*$ | ICP[备证]
    | \bopinions?\b.{0,40}\b(?:reflects?|are\ those\ of|do\ not\ (?:necessarily\ )?(?:reflect|represent))\b
    """
)
_CAPTION = re.compile(
    r"""(?ix)
    ^(?:photo|image|picture|figure|fig\.?|chart|map|exhibit|diagram|illustration|table)\s*(?:\d+[\w.]*)?\s*[:：]\s*\S
    | ^(?:figure|fig\.?|chart|exhibit|table)\s*\d+[\w.]*[.\s]\s*\S{1}[^|]{0,250}$
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
    return len(content) <= _LONGEST_SOURCE_LINE and _SOURCE_LINE.search(content) is not None
