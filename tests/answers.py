"""What a test asks of an answer's text: its script, or the one thing that is wrong with it."""

from offhook.language import Action, Problem, Script, draw, parse


def script_of(source: str | bytes) -> Script:
    """The script of a text with which nothing is wrong."""
    parsed = parse(source)
    assert parsed.problems == ()
    assert parsed.script is not None
    return parsed.script


def action_of(line: str) -> Action:
    """The action of a line with which nothing is wrong."""
    (action,) = script_of(line).actions
    return action


def problem_of(source: str | bytes, *, platform_only: bool = False) -> Problem:
    """The one error of a text that is no script."""
    parsed = parse(source, platform_only=platform_only)
    assert parsed.script is None
    (problem,) = parsed.problems
    return problem


def marked(source: str) -> str:
    """The very characters that the one error of a text points at."""
    problem = problem_of(source)
    line = source.splitlines()[problem.line - 1]
    return line[problem.column - 1 : problem.column - 1 + problem.length]


def drawn(source: str | bytes) -> str:
    """Everything that is wrong with a text, as it is shown."""
    return "\n\n".join(draw(problem, source) for problem in parse(source).problems)
