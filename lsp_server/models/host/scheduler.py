"""Which request the model works on: one step at a time, the most urgent first, and nobody waits for ever.

One thread owns the model. A step is a small batch; between two steps, and on the CPU in the middle of one, a
more urgent request takes over. What was interrupted goes on from where it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from time import perf_counter

from lsp_server.models.backend import Lane, ModelError
from lsp_server.models.host.generation import Generation, Model
from lsp_server.models.host.sequences import NoRoom, Sequences

log = logging.getLogger(__name__)

LANES: tuple[Lane, ...] = ("completion", "action", "chat", "background")
STARVED = 3.0
"""Seconds after which a waiting request gets a step, whatever is more urgent."""
STEP = 0.25
"""Seconds that a step may take; the measured speed says how many tokens that is."""
LEAST, MOST = 64, 512
"""Tokens in a step. In batches of less than 64 llama.cpp reads at half its speed on a CPU: 52 to 56 tokens a
second with 16 and 32, 95 to 110 with 64 to 512 (Qwen2.5-Coder-0.5B, one core)."""


class Ticket:
    """A request in the queue."""

    def __init__(self, generation: Generation, number: int) -> None:
        self.generation = generation
        self.rank = (LANES.index(generation.lane), number)
        """The less, the more urgent; of one lane the older one."""
        self.served = generation.arrived
        """When it had its last step, in seconds."""


def next_ticket(tickets: Iterable[Ticket], now: float) -> Ticket | None:
    """The ticket whose turn it is: a starved one, else the most urgent one."""
    waiting = list(tickets)
    starved = [ticket for ticket in waiting if now - ticket.served > STARVED]
    if starved:
        return min(starved, key=lambda ticket: ticket.served)
    return min(waiting, key=lambda ticket: ticket.rank, default=None)


class Scheduler:
    """The queue, and the loop that works through it on the engine's thread."""

    def __init__(self, on_busy: Callable[[bool], None]) -> None:
        self.prefill_rate = 0.0
        """Prompt tokens a second, a moving average; 0.0 before the first measurement."""
        self.served = 0
        """Requests that have ended."""
        self._on_busy = on_busy
        self._changed = threading.Condition()
        self._tickets: list[Ticket] = []
        self._running: Ticket | None = None
        self._fair = False
        self._number = 0
        self._stopping = False

    # --- called from any thread ---

    def submit(self, generation: Generation) -> None:
        """Queue a request."""
        with self._changed:
            self._number += 1
            self._tickets.append(Ticket(generation, self._number))
            self._changed.notify()

    def stop(self) -> None:
        """End the loop after the running step."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def abort(self) -> bool:
        """Whether the running step is to end at once: it was cancelled, or somebody more urgent came."""
        running = self._running
        if running is None:
            return False
        if self._stopping or running.generation.cancelled:
            return True
        if self._fair or not running.generation.reads:
            return False
        return any(ticket.rank[0] < running.rank[0] for ticket in tuple(self._tickets))

    # --- the engine's thread ---

    def run(self, model: Model, sequences: Sequences) -> None:
        """Work through the queue until `stop`. Raises what llama.cpp raises: the process has to end then."""
        while (ticket := self._take()) is not None:
            try:
                ended = self._step(ticket, model, sequences)
            except NoRoom:
                ended = self._make_way(ticket, sequences)
            except ModelError as error:
                ticket.generation.fail(sequences, error)
                ended = True
            finally:
                self._running = None
            if ended:
                self._remove(ticket)

    def _take(self) -> Ticket | None:
        with self._changed:
            while not self._stopping:
                now = perf_counter()
                ticket = next_ticket(self._tickets, now)
                if ticket is not None:
                    self._fair = now - ticket.served > STARVED
                    self._running = ticket
                    return ticket
                self._on_busy(False)
                self._changed.wait()
                self._on_busy(True)
        return None

    def _step(self, ticket: Ticket, model: Model, sequences: Sequences) -> bool:
        began, before = perf_counter(), ticket.generation.evaluated
        ended = ticket.generation.step(model, sequences, self._chunk())
        if tokens := ticket.generation.evaluated - before:
            ticket.served = perf_counter()
            self._measure(tokens, ticket.served - began)
        return ended

    def _chunk(self) -> int:
        return min(MOST, max(LEAST, int(self.prefill_rate * STEP)))

    def _measure(self, tokens: int, seconds: float) -> None:
        """Learn from steps that were long enough; a single token says nothing about reading."""
        if tokens >= LEAST // 2:
            rate = tokens / seconds
            self.prefill_rate = 0.7 * self.prefill_rate + 0.3 * rate if self.prefill_rate else rate

    def _make_way(self, ticket: Ticket, sequences: Sequences) -> bool:
        """Take the memory of the least urgent other request, or let this one wait, or refuse it."""
        ticket.served = perf_counter()
        holders = [other for other in self._tickets if other is not ticket and other.generation.holds]
        if not holders:
            too_long = ModelError(
                "too-long", f"The model's window of {sequences.capacity:,} tokens is full.", permanent=True
            )
            ticket.generation.fail(sequences, too_long)
            return True
        last = max((*holders, ticket), key=lambda other: other.rank)
        last.generation.suspend(sequences)
        return False

    def _remove(self, ticket: Ticket) -> None:
        self.served += 1
        with self._changed:
            self._tickets.remove(ticket)
