"""Test which lines are page chrome, captions and source lines, and which may answer."""

import pytest

from qa.documents.loading import make_document
from qa.text.boilerplate import is_boilerplate, is_caption, is_source_line
from qa.text.passages import split_passages


def split(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each passage."""
    return [(one.kind.value, one.text) for one in split_passages(make_document(text, "a.md"))]


ANSWERS = [
    "Contact us at hr@example.com or call extension 5150 when you are ill.",
    "Register for the health plan by 31 January each year.",
    "Sign in at the front desk before 9:00.",
    "Sign up costs nothing.",
    "Log in, open Settings and choose Cancel.",
    "Download the app from the portal before your first day.",
    "Employees report absences in the app.",
    "About us: Acme was founded in 1987 in Oslo.",
    "Search the premises only with a warrant.",
    "We use cookies to remember your login for 30 days.",
    "The privacy policy was last changed on 3 May 2021.",
    "See also the travel policy, which caps hotel costs at $180 a night.",
    "The copyright of all work done on the job belongs to Acme. All rights reserved.",
    "Copyright law protects an author for 70 years after death.",
    "Share on Monday what you learned on Friday.",
    "Advertisement spending rose to $4 million in 2023.",
    "Customer opinions are those of 1,200 people.",
    "Sponsored projects receive 50,000 euros a year.",
    "Loading capacity is 12 tonnes.",
    "Page 12 of the report names the victims.",
    "Home page traffic doubled in May.",
    "联系方式: 客服电话 400-123-4567。",
    "员工通过手机客户端请假。",
    "返回地球的航天员共三名。",
    "本书的版权所有者是张三。",
    "https://example.org/forms",
]
CHROME = [
    "Copyright © 1996-2024 ACME Corporation",
    "© 2023 The Daily Post. All rights reserved.",
    "Acme Inc. All rights reserved.",
    "Follow us on Twitter and Facebook",
    "Sign in | Register",
    "Subscribe to our newsletter",
    "Share this article on Facebook",
    "Read more: The long story of the bridge",
    "Privacy Policy | Terms of Use | Contact us",
    "Skip to main content",
    "By continuing to use this site you accept our use of cookies.",
    "The views expressed do not necessarily reflect those of the newspaper.",
    "Page 3 of 12",
    "<div align='center'>",
    "版权所有",
    "某某新闻客户端",
    "返回顶部",
    "京ICP备12345678号",
]


@pytest.mark.parametrize("line", ANSWERS)
def test_a_sentence_that_may_answer_is_no_chrome(line: str) -> None:
    assert not is_boilerplate(line)
    assert split(f"# Handbook\n\n{line}\n\nThe end of it.")[0] == ("paragraph", line)


@pytest.mark.parametrize("line", CHROME)
def test_chrome(line: str) -> None:
    assert is_boilerplate(line)


def test_a_short_last_line_is_chrome_only_amid_chrome() -> None:
    assert split("It was signed in the city of\n\nParis")[-1] == ("paragraph", "Paris")
    assert split("It rose.\n\n© 2023 A\n\nWorld\n\n© 2023 B")[-2] == ("boilerplate", "World")


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        ("The port at dusk. [Photo/Xinhua]", True),
        ("Xi speaks at a summit. Photo: Xinhua", True),
        ("Figure 2: Trade by year", True),
        ("Table 3 Members of the board", True),
        ("![A chart](sales.png)", True),
        ("图1 贸易额", True),
        ("Figure 3 shows that sales fell by 12% in 2020.", False),
        ("Photo by a satellite shows the ice retreating. It fell by 40 km.", False),
    ],
)
def test_captions(line: str, caption: bool) -> None:
    assert is_caption(line) is caption


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("By Ann Lee and Bo Chen", True),
        ("Source: Xinhua", True),
        ("Published 4 May 2023", True),
        ("2024年07月25日 19:04 某某新闻", True),
        ("来源:某某社", True),
        ("By actively supporting each other they won.", False),
        ("Updated by Anna on Monday, the plan now costs $5 million.", False),
        ("May 4, 2023 was the day when the bridge opened.", False),
    ],
)
def test_source_lines(line: str, source: bool) -> None:
    assert is_source_line(line) is source
