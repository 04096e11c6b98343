"""Dependency order, and the cycles that forbid one."""

from collections.abc import Iterable, Mapping


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """The names, each after those that it needs and otherwise in their own order; and every cycle met on the way.

    needs: per name the names that it needs; those that are no keys are left out. A cycle begins and ends with one name.
    """
    order: list[str] = []
    cycles: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycles.append([*path[path.index(name) :], name])
        elif name in needs and name not in done:
            for needed in needs[name]:
                visit(needed, (*path, name))
            done.add(name)
            order.append(name)

    for name in needs:
        visit(name, ())
    return order, cycles
