"""The halves of a long list worked on at once, where that is safe: a command has the machine to itself."""

from collections.abc import Callable, Sequence
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from os import cpu_count
from sys import platform
from threading import active_count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORTH_IT = 100
"""Things. A second process costs as much as some dozens of them."""


def in_halves(work: Callable[[Sequence[T]], R], things: Sequence[T]) -> list[R]:
    """What comes of the first half and of the second, in this order; or of the whole, where it is not halved.

    work: may not count on what it changes outside of its result, which has to be picklable.
    """
    if len(things) < WORTH_IT or not _can_fork():
        return [work(things)]
    middle = len(things) // 2
    receiver, sender = get_context("fork").Pipe(duplex=False)
    # Forked, it has all that is loaded here; what it works with is not passed on.
    child = get_context("fork").Process(target=_sent, args=(sender, work, things[middle:]))
    child.start()
    sender.close()
    first = work(things[:middle])
    try:
        second: R = receiver.recv()
    except EOFError:  # it ended without an answer, such as for want of memory
        second = work(things[middle:])
    child.join()
    return [first, second]


def _sent(sender: Connection, work: Callable[[Sequence[T]], R], things: Sequence[T]) -> None:
    sender.send(work(things))
    sender.close()


def _can_fork() -> bool:
    """Linux alone, and no other thread: what one holds at that moment would be held in the child for ever."""
    alone = active_count() == 1 and (cpu_count() or 1) > 1
    return alone and platform == "linux" and "fork" in get_all_start_methods()
