"""Settings: where each value comes from, and what is said of a bad one."""

from datetime import timedelta
from errno import EACCES
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from offhook.config import Settings
from offhook.config.values import HostPort, PortRange, read_host_port, read_networks, read_port_range
from offhook.errors import SetupError


@pytest.fixture(autouse=True)
def _an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OFFHOOK_{name.upper()}", raising=False)
    monkeypatch.delenv("OFFHOOK_CONFIG", raising=False)


def _write(text: str, name: str = "offhook.toml") -> None:
    Path(name).write_text(text)


def _refusal(**options: object) -> SetupError:
    with pytest.raises(SetupError) as caught:
        Settings.load(**options)
    return caught.value


def test_without_any_word_the_defaults_hold() -> None:
    settings = Settings.load()
    assert settings.http == HostPort("127.0.0.1", 8080)
    assert settings.sip.port == 5060
    assert settings.rtp_ports == PortRange(10000, 19999)
    assert settings.database == "sqlite:///offhook-data/offhook.db"
    assert settings.allow_addresses == ()
    assert settings.media_workers >= 1


def test_the_database_follows_the_data_folder() -> None:
    assert Settings.load(data_folder="/var/lib/offhook").database == "sqlite:////var/lib/offhook/offhook.db"


def test_the_command_line_wins_over_the_environment_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('http = "127.0.0.1:1"\nsip = "127.0.0.1:1"\nlog_level = "debug"\n')
    monkeypatch.setenv("OFFHOOK_HTTP", "127.0.0.1:2")
    monkeypatch.setenv("OFFHOOK_SIP", "127.0.0.1:2")
    settings = Settings.load(http="127.0.0.1:3", sip=None)
    assert (settings.http.port, settings.sip.port, settings.log_level) == (3, 2, "debug")


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_HTTP", "")
    assert Settings.load().http.port == 8080


def test_routes_come_as_a_list_or_as_one_line_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().routes == ()
    monkeypatch.setenv("OFFHOOK_ROUTES", "tokyo, osaka tokyo")
    assert Settings.load().routes == ("tokyo", "osaka")
    monkeypatch.delenv("OFFHOOK_ROUTES")
    _write('routes = ["osaka", "tokyo"]')
    assert Settings.load().routes == ("osaka", "tokyo")


def test_networks_come_as_a_list_or_as_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    monkeypatch.setenv("OFFHOOK_ALLOW_ADDRESSES", "127.0.0.0/8, fd00::/8")
    assert Settings.load().allow_addresses == wanted
    assert Settings.load(allow_addresses=["127.0.0.0/8", "fd00::/8"]).allow_addresses == wanted
    assert read_networks(wanted) == wanted


def test_announcements_are_a_table_in_the_file_and_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('[announcements]\nen = "Later, please."\n')
    assert Settings.load().announcements == {"en": "Later, please."}
    monkeypatch.setenv("OFFHOOK_ANNOUNCEMENTS", '{"de": "Bitte später."}')
    assert Settings.load().announcements == {"de": "Bitte später."}


def test_another_file_is_read_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('sip = "127.0.0.1:7"', "other.toml")
    monkeypatch.setenv("OFFHOOK_CONFIG", "other.toml")
    assert Settings.load().sip.port == 7


def test_a_named_file_that_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_CONFIG", "missing.toml")
    assert "OFFHOOK_CONFIG names missing.toml" in _refusal().sentence


def test_a_named_file_in_a_folder_that_this_user_may_not_enter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path, **_: object) -> None:
        raise PermissionError(EACCES, "Permission denied", str(path))

    monkeypatch.setenv("OFFHOOK_CONFIG", "/closed/offhook.toml")
    monkeypatch.setattr(Path, "stat", forbidden)
    assert "OFFHOOK_CONFIG names /closed/offhook.toml, which cannot be read" in _refusal().sentence


def test_a_bad_option_is_named_as_it_was_typed() -> None:
    refusal = _refusal(rtp_ports="9-1")
    assert refusal.sentence.startswith("--rtp-ports: '9-1' is not possible: ")
    assert refusal.hint == "The UDP ports for audio: an even one for RTP, the next for RTCP, each call."


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _write('http = "127.0.0.1:1"\n')
    monkeypatch.setenv("OFFHOOK_HTTP", "nowhere")
    assert _refusal().sentence == (
        "OFFHOOK_HTTP: 'nowhere' is not possible: it is written HOST:PORT, like 127.0.0.1:8080 or [::1]:8080"
    )


def test_a_bad_line_of_the_file_is_named() -> None:
    _write('# ours\nsip = "127.0.0.1:5060"\nlog_level = "loud"\n')
    assert _refusal().sentence.startswith("offhook.toml line 3: 'loud' is not possible: ")


def test_a_bad_table_of_the_file_is_named() -> None:
    _write("\n[announcements]\nen = 3\n")
    assert _refusal().sentence.startswith("offhook.toml line 2: ")


def test_a_key_in_disguise_is_still_told_by_its_file() -> None:
    _write('"ht\\u0074p" = "nowhere"\n')
    assert _refusal().sentence.startswith("offhook.toml: 'nowhere' is not possible: ")


def test_an_unknown_key_is_refused_with_the_one_that_was_meant() -> None:
    _write('rtp-ports = "10000-10100"\n')
    refusal = _refusal()
    assert refusal.sentence == "offhook.toml line 1: there is no setting 'rtp-ports'"
    assert refusal.hint == "did you mean rtp_ports?"


def test_an_unknown_key_like_no_other_lists_the_settings() -> None:
    _write("zzz = 1\n")
    assert _refusal().hint.startswith("the settings are http, sip")


def test_a_file_that_is_not_toml_is_refused_with_its_line() -> None:
    _write("http = \n")
    assert "offhook.toml is not TOML" in _refusal().sentence


def test_a_file_that_is_not_text_is_refused() -> None:
    Path("offhook.toml").write_bytes(b"\xff\xfe")
    assert "offhook.toml cannot be read" in _refusal().sentence


def test_the_password_of_a_database_is_never_shown() -> None:
    refusal = _refusal(database="mysql://me:secret@db/offhook")
    assert "--database: is not possible" in refusal.sentence
    assert "secret" not in refusal.sentence
    assert "secret" not in repr(Settings.load(database="sqlite:///secret.db"))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("http", "127.0.0.1"),
        ("public_url", "voice.example.com"),
        ("public_url", "ftp://voice.example.com"),
        ("public_url", "https://voice.example.com/ x"),
        ("recordings_kept_days", 0),
        ("recording_cost", -1),
        ("http", "127.0.0.1:65536"),
        ("http", "::1:80"),
        ("http", 8080),
        ("rtp_ports", "10001-10010"),
        ("rtp_ports", "10000-70000"),
        ("rtp_ports", "80-90"),
        ("rtp_ports", "10000"),
        ("database", "sqlite:///:memory:"),
        ("database", 3),
        ("allow_addresses", "10.0.0.1/8"),
        ("allow_addresses", 10),
        ("routes", "carrier-1, two words, -x"),
        ("routes", "inside"),
        ("routes", [1]),
        ("routes", 1),
        ("media_workers", "0"),
        ("media_workers", True),
        ("media_workers", 1.5),
        ("media_workers", "٣"),
        ("api_rate", "-1"),
        ("data_folder", " "),
        ("announcements", "hello"),
        ("announcements", {"english": "hello"}),
        ("log_format", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_refused(option: str, value: object) -> None:
    assert _refusal(**{option: value}).sentence.startswith(f"--{option.replace('_', '-')}: ")


def test_addresses_and_ports_are_written_as_they_are_read() -> None:
    for text in ("127.0.0.1:8080", "[::1]:5060", "sip.example.com:0"):
        assert str(read_host_port(text)) == text
        assert read_host_port(read_host_port(text)) == read_host_port(text)
    assert str(read_port_range("20000-20099")) == "20000-20099"
    assert read_port_range(PortRange(20000, 20099)) == PortRange(20000, 20099)


def test_settings_are_frozen() -> None:
    settings = Settings.load()
    with pytest.raises(ValidationError):
        settings.log_level = "debug"


def test_every_setting_has_a_default_and_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert not field.is_required(), name
        assert (field.description or "").endswith("."), name


def test_what_recordings_cost_and_how_long_they_are_kept_are_terms() -> None:
    terms = Settings.load(recording_cost="0.5", recordings_kept_days=60).terms
    assert (terms.recording_cost, terms.recordings_kept) == (500_000, timedelta(days=60))
    assert (Settings.load().terms.recording_cost, Settings.load().terms.recordings_kept) == (0, timedelta(days=30))


def test_links_begin_with_a_url_that_ends_without_a_slash() -> None:
    assert Settings.load().public_url is None
    assert Settings.load(public_url="https://voice.example.com/").public_url == "https://voice.example.com"
    assert Settings.load(public_url="http://[::1]:8080/api").public_url == "http://[::1]:8080/api"
