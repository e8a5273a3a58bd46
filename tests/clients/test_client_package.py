"""The Python client can be packed, and what is packed is whole."""

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

from offhook_client.wire import USER_AGENT

CLIENT = Path(__file__).parents[2] / "clients" / "python"


def test_the_wheel_holds_all_that_is_needed(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=CLIENT, check=True, capture_output=True, timeout=60)
    [wheel] = tmp_path.glob("offhook_client-*.whl")
    names = set(ZipFile(wheel).namelist())
    modules = {path.relative_to(CLIENT / "src").as_posix() for path in (CLIENT / "src").rglob("*.py")}
    assert names > modules | {"offhook_client/py.typed"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    show = "import offhook_client; print(offhook_client.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", show],
        env={"PYTHONPATH": str(wheel)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert ran.stdout.startswith(str(wheel))


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert USER_AGENT.partition("/")[2] == project["version"]
