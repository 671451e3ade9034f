"""JUnit XML, as Jenkins and Surefire have it: a step is a test case, the proposal their suite."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

from alma_agent.proposals.account import RULES, Step
from alma_agent.proposals.reports.escaping import one_line, spelt
from alma_agent.proposals.reports.outcome import Outcome


def report(outcome: Outcome) -> bytes:
    """Return the report in UTF-8. A step that was not run is a skipped case: it did not pass."""
    steps = outcome.steps
    counts = {
        "tests": str(len(steps)),
        "failures": str(sum(one.standing == "failed" for one in steps)),
        "errors": "0",
        "time": f"{sum(one.seconds for one in steps):.3f}",
    }
    name = one_line(f"alma {outcome.command} {outcome.about}")
    suites = ET.Element("testsuites", {"name": "alma", **counts})
    skipped = str(sum(one.standing == "skipped" for one in steps))
    suite = ET.SubElement(suites, "testsuite", {"name": name, **counts, "skipped": skipped})
    suite.set("timestamp", outcome.moment.removesuffix("Z"))  # readers take it without a zone: UTC
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(outcome):
        ET.SubElement(properties, "property", {"name": key, "value": one_line(value)})
    seen: Counter[str] = Counter()
    for step in steps:
        _add(suite, step, _name(step, seen), f"alma.{outcome.command}")
    ET.indent(suites)
    text: bytes = ET.tostring(suites, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def _add(suite: ET.Element, step: Step, name: str, place: str) -> None:
    case = ET.SubElement(suite, "testcase", {"name": name, "classname": place})
    case.set("time", f"{step.seconds:.3f}")
    where = f"{step.path}:{step.line}" if step.line else step.path
    told = "\n".join(filter(None, (where, step.detail)))
    if step.standing == "failed":
        failure = ET.SubElement(
            case, "failure", {"type": step.rule, "message": one_line(step.message)}
        )
        failure.text = spelt("\n".join(filter(None, (step.message, told))))
    elif step.standing == "skipped":
        ET.SubElement(case, "skipped", {"message": one_line(step.message)})
    else:
        mark = "warning: " if step.standing == "warning" else ""
        ET.SubElement(case, "system-out").text = spelt(
            "\n".join(filter(None, (mark + step.message, told)))
        )


def _name(step: Step, seen: Counter[str]) -> str:
    """Return a case's name: the same in each run, so that readers can follow it over time."""
    about = f" ({step.path})" if step.path else ""
    name = one_line(f"{step.rule}: {RULES.get(step.rule, step.rule)}{about}")
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} [{seen[name]}]"


def _properties(outcome: Outcome) -> list[tuple[str, str]]:
    told = [("outcome", outcome.word), ("title", outcome.title)]
    if outcome.message:
        told.append(("message", outcome.message))
    told += [(f"sha256:{name}", digest) for name, digest in outcome.digests.items()]
    landed = outcome.landed
    if landed:
        told += [("drift", landed.drift.kind), ("onto", landed.onto), ("tree", landed.tree)]
        told += [("commit", landed.commit)] if landed.commit else []
        told += [("ref", landed.ref)] if landed.ref else []
        told += [("reviewer", f"{one.name} <{one.email}>") for one in landed.reviewers]
    return told
