"""What stands around a request and changes nothing in it: "could you ...", "..., please"."""

from __future__ import annotations

from alma_agent.proposer.phrases.grammar import Rule

RULES = (
    Rule(
        "question",
        (
            "(can|could|would|will) you [please|kindly|just|maybe]",
            "(can|could|may) (i|we) [please]",
            "can you help me [to]",
            (
                "(peux-tu|pourrais-tu|pouvez-vous|pourriez-vous|veux-tu|voudrais-tu) "
                "[s' il te plait|s' il vous plait|stp|svp]"
            ),
            (
                "(tu peux|tu pourrais|peux tu|pourrais tu|vous pouvez|vous pourriez|on peut|"
                "pouvez vous|pourriez vous|peut-on|pourrait-on) [stp|svp|s' il te plait]"
            ),
            "est-ce (que|qu') (tu peux|tu pourrais|vous pouvez|vous pourriez|on peut|on pourrait)",
        ),
        lambda _: "question",
    ),
    Rule(
        "wish",
        (
            "(please|pls|plz|kindly|just|now|ok|okay|hi|hello|hey|alma) [,|:|!]",
            "(hi|hello|hey|ok|bonjour|salut) alma [,|:|!]",
            "(first|firstly|first of all|to begin|start by) [,]",
            "(i|we) (want|need|would like|have|wish|'d like) [you] to [please]",
            "(we|you) (should|must|need to|have to|can)",
            "i 'd (like|love) you to",
            "(let 's|let us|go ahead and|go and)",
            "help me [to]",
            "(s' il te plait|s' il vous plait|stp|svp|bonjour|salut|maintenant) [,]",
            (
                "(je veux|je voudrais|je souhaite|je souhaiterais|j' aimerais|j' ai besoin de|"
                "il faut|il faudrait|on doit|on devrait|nous devons|tu dois|tu devrais|on va|"
                "nous devrions|nous voulons|on veut|on voudrait|merci de|veuillez|merci de bien "
                "vouloir)"
            ),
            "(je veux|je voudrais|je souhaite|j' aimerais|il faut|il faudrait) que (tu|vous)",
            "(d' abord|tout d' abord|premierement|pour commencer) [,]",
        ),
        lambda _: "wish",
    ),
    Rule(
        "opening",
        (
            "<one:wish>",
            "<one:question>",
            "<one:wish> <more:opening>",
            "<one:question> <more:opening>",
        ),
        lambda bound: "question" if "question" in (bound["one"], bound.get("more")) else "wish",
    ),
    Rule(
        "leading_place",
        (
            "(in|inside|within|for|dans|pour) <place:paths> [,|:]",
            "(in|inside|within|dans) <place:symbol> [,|:]",
            "(in|inside|within|dans) @the [@file] <place:paths> [,|:]",
        ),
        lambda bound: bound["place"],
    ),
)

# The longest first; each is what it says in lower case and without accents.
ENDINGS = (
    ("s'", "il", "te", "plait"), ("s'", "il", "vous", "plait"), ("merci", "d'", "avance"),
    ("thanks", "in", "advance"), ("thank", "you"), ("for", "me"), ("merci", "beaucoup"),
    ("please",), ("pls",), ("plz",), ("thanks",), ("merci",), ("stp",), ("svp",), (".",), ("!",),
    ("?",), ("…",), (",",), (";",),
)  # fmt: skip
