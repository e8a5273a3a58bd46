"""What callers get, and what Offhook asked."""

from django.core.exceptions import ValidationError
from django.db import models

from offhook_client import BadScript, Say, Script

KEPT_QUESTIONS = 50
"""So many of each kind are kept: strangers who are refused push no caller out of the log."""


class Choice(models.Model):
    """What every call gets. There is one row, which the page changes."""

    class Action(models.TextChoices):
        """What can be chosen."""

        SAY = "say", "Say a text"
        PLAYBACK = "playback", "Play a sound"
        TRANSFER = "transfer", "Ring a telephone"
        VOICEMAIL = "voicemail", "Take a message"
        REJECT = "reject", "Be busy"

    class Language(models.TextChoices):
        """What texts can be read in; which voices there are is known at the platform."""

        ENGLISH = "en", "English"
        GERMAN = "de", "Deutsch"
        FRENCH = "fr", "Français"
        SPANISH = "es", "Español"
        ITALIAN = "it", "Italiano"
        JAPANESE = "ja", "日本語"

    action = models.CharField(max_length=20, choices=Action, default=Action.SAY)
    language = models.CharField(max_length=10, choices=Language, default=Language.ENGLISH)
    text = models.TextField(max_length=2000, blank=True, default="Hello! You have reached Example Limited.")
    sound = models.CharField(max_length=2000, blank=True)
    number = models.CharField(max_length=40, blank=True)

    @classmethod
    def current(cls) -> "Choice":
        """Return the choice, or what holds until somebody chooses."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def script(self) -> Script:
        """What to answer; raises BadScript for what Offhook would not do."""
        match self.action:
            case self.Action.SAY:
                return Script().say(self.language, self.text)
            case self.Action.PLAYBACK:
                return Script().playback(self.sound)
            case self.Action.TRANSFER:
                return Script().transfer(self.number, ring=20).voicemail(Say(self.language, self.text))
            case self.Action.VOICEMAIL:
                return Script().voicemail(Say(self.language, self.text), max=120)
            case _:
                return Script().reject("busy")

    def clean(self) -> None:
        """Refuse to keep what would not run."""
        try:
            _ = self.script
        except BadScript as bad:
            raise ValidationError(str(bad)) from None


class Question(models.Model):
    """What Offhook asked and was told, or why somebody was refused."""

    at = models.DateTimeField(auto_now_add=True)
    call = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    refusal = models.TextField(blank=True)

    class Meta:
        """The newest comes first."""

        ordering = ("-pk",)

    @classmethod
    def note(cls, **facts: object) -> None:
        """Write one down, and forget the oldest of its kind."""
        written = cls.objects.create(**facts)
        kind = cls.objects.filter(refusal="") if not written.refusal else cls.objects.exclude(refusal="")
        oldest = kind.values_list("pk", flat=True)[KEPT_QUESTIONS:]
        cls.objects.filter(pk__in=list(oldest)).delete()
