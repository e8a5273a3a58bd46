"""The form of the page."""

from django import forms

from reception.models import Choice


class ChoiceForm(forms.ModelForm):
    """Chooses what callers get; the model says what is wrong with it."""

    class Meta:
        """Every field of the model."""

        model = Choice
        fields = ("action", "language", "text", "sound", "number")
        widgets = {  # noqa: RUF012 - Django reads it, nobody changes it
            "action": forms.RadioSelect,
            "text": forms.Textarea({"rows": 4}),
            "sound": forms.URLInput({"placeholder": "https://example.com/hello.mp3"}),
            "number": forms.TextInput({"placeholder": "+81-3-5550-0123"}),
        }
