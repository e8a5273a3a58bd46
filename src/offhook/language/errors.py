"""How the room's own modules leave a line that is wrong; it never crosses the room's wall."""

from offhook.language.problems import Code, Place, problem_at


class WrongText(Exception):
    """The text cannot be understood; carries the problem that is shown to its author."""

    def __init__(self, code: Code, place: Place, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.problem = problem_at(place, code, sentence, hint)
