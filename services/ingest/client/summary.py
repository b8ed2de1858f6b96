"""What an import tells at its end."""

import json
import resource
import shlex
from dataclasses import asdict

from services.ingest.client.importing import Summary


def as_text(summary: Summary, dry_run: bool = False) -> str:
    """For people."""
    if dry_run:
        counts = f"{summary.checked:,} rows would be recorded, {summary.refused:,} refused (dry run)"
    else:
        counts = f"{summary.recorded:,} recorded, {summary.repeated:,} repeated, {summary.refused:,} refused"
    lines = [f"{counts}; {summary.seconds:.1f} s, {summary.rate:,.0f} rows/s"]
    if summary.rejected_file is not None:
        lines.append(f"Refused rows and reasons: {summary.rejected_file}")
        if summary.identity:
            lines.append(
                "Correct them in that file: rows without an id of their own would be recorded again from a corrected "
                f"table, unless you import it with --identity {shlex.quote(summary.identity)} and every row in its "
                "place."
            )
    return "\n".join(lines)


def as_json_line(summary: Summary) -> str:
    """For programs: one object, with what this process cost (CPU seconds, memory at its highest)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = asdict(summary) | {
        "rate": round(summary.rate, 1),
        "seconds": round(summary.seconds, 3),
        "rejected_file": str(summary.rejected_file) if summary.rejected_file else None,
        "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        "memory_max_bytes": used.ru_maxrss * 1024,
    }
    return json.dumps(told)
