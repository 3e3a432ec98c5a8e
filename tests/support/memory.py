"""What processes hold in memory."""

from pathlib import Path


def memory_of_tree(root: int) -> int:
    """Bytes that a process and its descendants hold for themselves (PSS, proc(5))."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    tree, grown = {root}, True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in tree} - tree
        tree |= children
        grown = bool(children)
    return sum(_memory(pid) for pid in tree)


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def resident_memory(pid: int) -> int:
    """Bytes of one process that are in memory, shared ones too (proc(5), VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return next(
        1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")
    )
