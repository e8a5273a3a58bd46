"""The choice, and the log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("say", "Say a text"),
                            ("playback", "Play a sound"),
                            ("transfer", "Ring a telephone"),
                            ("voicemail", "Take a message"),
                            ("reject", "Be busy"),
                        ],
                        default="say",
                        max_length=20,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("de", "Deutsch"),
                            ("fr", "Français"),
                            ("es", "Español"),
                            ("it", "Italiano"),
                            ("ja", "日本語"),
                        ],
                        default="en",
                        max_length=10,
                    ),
                ),
                (
                    "text",
                    models.TextField(blank=True, default="Hello! You have reached Example Limited.", max_length=2000),
                ),
                ("sound", models.CharField(blank=True, max_length=2000)),
                ("number", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("call", models.JSONField(default=dict)),
                ("answer", models.TextField(blank=True)),
                ("refusal", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
    ]
