"""Servers that come as jars: fetched once from Maven's central repository, by name and exact version."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>registan</groupId><artifactId>fetched</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>
<version>{version}</version>{exclusions}</dependency></dependencies></project>
"""
ALONE = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"


def cache() -> Path:
    """Where fetched servers are kept between runs."""
    return Path.home() / ".cache" / "registan-tests"


def fetched(group: str, artifact: str, version: str, *, alone: bool = False) -> Path:
    """The folder with the jar and, unless `alone`, all that it needs at run time.

    Raises `RuntimeError` with Maven's words where it cannot be had. Needs `mvn`.
    """
    folder = cache() / f"{artifact}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with (cache() / f"{artifact}-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "lib"
        if done.exists():
            return done
        exclusions = ALONE if alone else ""
        (folder / "pom.xml").write_text(
            POM.format(group=group, artifact=artifact, version=version, exclusions=exclusions)
        )
        part = folder / "part"
        shutil.rmtree(part, ignore_errors=True)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"]
        answer = subprocess.run(  # noqa: S603
            [*command, f"-DoutputDirectory={part}"], cwd=folder, capture_output=True, text=True, check=False
        )
        if answer.returncode or not part.exists():
            raise RuntimeError(f"{group}:{artifact}:{version} cannot be had: {answer.stdout[-1000:]}")
        part.rename(done)
        return done
