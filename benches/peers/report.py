"""Reports in the form of src/bench/report.rs, so that `backstop bench compare` reads them."""
import datetime
import json
import math
import os
import pathlib

FORMAT = 1


def row(item, subject, condition, observed, **notes):
    """`observed` holds numbers, booleans, and pairs for so many of so many."""
    kept = {}
    for key, value in observed.items():
        if isinstance(value, bool):
            kept[key] = {"hit": value}
        elif isinstance(value, (tuple, list)):
            kept[key] = {"part": list(value)}
        elif value is not None:
            kept[key] = {"value": value}
    return {"item": item, "subject": subject, "condition": condition, "observed": kept, "notes": notes}


def measure(key, title, unit, better):
    return {"key": key, "title": title, "unit": unit, "better": better}


def resident_mib(process="self"):
    """The memory of a process now."""
    status = pathlib.Path("/proc", str(process), "status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1_024


def load():
    return os.getloadavg()[0]


def build(name, like, rows, measures, options, loads, models=None):
    """A report on the same machine as `like`, a report of Backstop's."""
    report = {
        "format": FORMAT,
        "kind": like["kind"],
        "name": name,
        "made_at": datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z"),
        "version": like["version"],
        "machine": like["machine"] | {"load": loads},
        "models": like["models"] if models is None else models,
        "prompt_hash": like["prompt_hash"],
        "options": options,
        "measures": [one for one in measures if any(one["key"] in row["observed"] for row in rows)],
        "metrics": [],
        "rows": rows,
    }
    report["metrics"] = metrics(report)
    return report


def metrics(report):
    """What the rows come to; without intervals, which `backstop bench compare` makes of the rows."""
    found = []
    for one in report["measures"]:
        for subject, condition in dict.fromkeys((row["subject"], row["condition"]) for row in report["rows"]):
            observed = select(report["rows"], one["key"], subject, condition)
            if not observed:
                continue
            values = sorted(what["value"] for what in observed if "value" in what)
            metric = {"subject": subject, "condition": condition, "measure": one["key"], "n": len(observed)}
            metric |= {"value": headline(observed), "interval": None}
            metric |= {"p95": rank(values, 0.95), "max": rank(values, 1.0)} if values else {"p95": None, "max": None}
            found.append(metric)
    return found


def select(rows, key, subject=None, condition=None):
    """What was observed under a key."""
    return [
        row["observed"][key]
        for row in rows
        if key in row["observed"] and subject in (None, row["subject"]) and condition in (None, row["condition"])
    ]


def headline(observed):
    """The median of numbers, the share of hits, the ratio of sums; none of none."""
    values = [what["value"] for what in observed if "value" in what]
    if values:
        return rank(sorted(values), 0.5)
    parts = [(int(what["hit"]), 1) if "hit" in what else what["part"] for what in observed]
    whole = sum(of for _, of in parts)
    return sum(part for part, _ in parts) / whole if whole else None


def rank(ordered, share):
    """By nearest rank."""
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def save(folder, report):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report['kind']}-{report['name']}.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps(report, indent=2) + "\n")
    half.rename(path)
    return path


SHOWN = {
    "ms": lambda value: f"{value:,.0f} ms",
    "share": lambda value: f"{value:.1%}",
    "factor": lambda value: f"{value:.3f}",
    "tokens_per_second": lambda value: f"{value:.1f} tok/s",
    "mib": lambda value: f"{value:,.0f} MiB",
}


def table(ours, theirs, peer):
    """Both, measure by measure: medians, shares, and how many times the peer's the product's is."""
    lines = [("measured", "of", "items", "Backstop", peer, "ratio")]
    for metric in ours["metrics"]:
        other = _same(metric, theirs["metrics"])
        if other is None:
            continue
        what = next(one for one in ours["measures"] if one["key"] == metric["measure"])
        show = SHOWN[what["unit"]]
        of = ", ".join(part for part in (metric["subject"], metric["condition"]) if part)
        items = str(metric["n"]) if metric["n"] == other["n"] else f"{metric['n']}, {other['n']}"
        ratio = f"{metric['value'] / other['value']:.2f}" if other["value"] else "-"
        lines.append((what["title"], of, items, show(metric["value"]), show(other["value"]), ratio))
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(_aligned(line, widths) for line in lines)


def _same(metric, others):
    """The peer's, of the same subject where it has that name, too."""
    found = [one for one in others if all(one[key] == metric[key] for key in ("measure", "condition"))]
    return next((one for one in found if one["subject"] == metric["subject"]), found[0] if found else None)


def _aligned(line, widths):
    cells = [cell.ljust(width) if n < 2 else cell.rjust(width) for n, (cell, width) in enumerate(zip(line, widths))]
    return "  ".join(cells).rstrip()
