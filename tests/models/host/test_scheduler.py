"""Who is served, in which order, and what becomes of requests that are in each other's way.

The model here is a stand-in that says its prompt backwards: what is tested is the order of the work, which
real weights would only make slow. `tests/model/test_host.py` has the same with real ones.
"""

from __future__ import annotations

import threading
from functools import partial

import pytest

from lsp_server.models.backend import Lane, ModelError, Sampling
from lsp_server.models.host.generation import Generation
from lsp_server.models.host.scheduler import STARVED, Scheduler, Ticket, next_ticket
from lsp_server.models.host.sequences import Sequences
from tests.models.host.backwards import Answer, Backwards, engine, wait, waited


def test_an_answer_comes_in_pieces_and_tells_its_cost() -> None:
    with engine() as (scheduler, _):
        answer = Answer("abc")
        scheduler.submit(answer.generation)
        wait(answer)
    assert answer.text == "cba"
    first, last = answer.pieces[0].usage, answer.pieces[-1].usage
    assert first is not None
    assert last is not None
    assert (first.prompt, first.evaluated, last.generated) == (4, 4, 3)
    assert answer.pieces[-1].finish == "stop"


def test_the_token_limit_ends_an_answer() -> None:
    with engine() as (scheduler, _):
        answer = Answer("abc", sampling=Sampling(max_tokens=2))
        scheduler.submit(answer.generation)
        wait(answer)
    assert (answer.text, answer.pieces[-1].finish) == ("cb", "length")


def test_a_prompt_can_be_read_ahead_without_an_answer() -> None:
    with engine() as (scheduler, _):
        ahead = Answer("abcdef", "background", sampling=Sampling(max_tokens=0))
        scheduler.submit(ahead.generation)
        wait(ahead)
        later = Answer("abcdefg")
        scheduler.submit(later.generation)
        wait(later)
    (read,), said = ahead.pieces, later.pieces[-1].usage
    assert (read.text, read.finish) == ("", "length")
    assert read.usage is not None
    assert (read.usage.evaluated, read.usage.generated) == (7, 0)
    assert said is not None
    assert (said.cached, said.evaluated) == (6, 2)


def test_a_more_urgent_request_interrupts_a_less_urgent_one_that_goes_on_after_it() -> None:
    with engine() as (scheduler, model):
        chat = Answer("chat" * 50, "chat", sampling=Sampling(max_tokens=300))
        completion = Answer("dd")
        started = threading.Event()

        def interrupt() -> None:
            if not started.is_set():
                started.set()
                scheduler.submit(completion.generation)

        model.before_step = interrupt
        scheduler.submit(chat.generation)
        wait(chat, completion)
    assert completion.text == "dd"
    assert chat.text == ("chat" * 50)[::-1]
    # The first step of the chat was dropped for the completion, and begun again after it.
    assert "".join(model.steps).lstrip("d") == "c" * len("".join(model.steps).lstrip("d"))
    assert model.steps[0] == "d"


def test_requests_of_one_lane_are_served_in_their_order() -> None:
    with engine() as (scheduler, model):
        answers = [Answer(letter, "chat") for letter in "xyz"]
        hold = threading.Event()
        model.before_step = partial(waited, hold)
        for answer in answers:
            scheduler.submit(answer.generation)
        hold.set()
        wait(*answers)
    assert "".join(model.steps) == "xxyyzz"


def test_a_cancelled_request_ends_in_the_middle_of_its_step() -> None:
    with engine() as (scheduler, model):
        answer = Answer("a" * 300)

        def cancel() -> None:
            answer.generation.cancelled = True

        model.before_step = cancel
        scheduler.submit(answer.generation)
        wait(answer)
    assert answer.pieces[-1].finish == "cancelled"
    assert model.steps == []


def test_a_request_that_is_cancelled_before_its_turn_never_starts() -> None:
    with engine() as (scheduler, model):
        answer = Answer("a")
        answer.generation.cancelled = True
        scheduler.submit(answer.generation)
        wait(answer)
    assert model.steps == []


def ticket(lane: Lane, number: int, served: float) -> Ticket:
    made = Ticket(Generation(("x",), Sampling(), lane, lambda answer: None), number)
    made.served = served
    return made


def test_the_most_urgent_lane_is_next_and_in_it_the_oldest_request() -> None:
    background, chat, late, early = (
        ticket("background", 1, 100.0),
        ticket("chat", 2, 100.0),
        ticket("completion", 4, 100.0),
        ticket("completion", 3, 100.0),
    )
    assert next_ticket([background, chat, late, early], 100.0) is early
    assert next_ticket([background, chat], 100.0) is chat
    assert next_ticket([], 100.0) is None


def test_nobody_waits_for_ever() -> None:
    starved, urgent = ticket("background", 1, 100.0), ticket("completion", 2, 100.0 + STARVED)
    assert next_ticket([starved, urgent], 100.0 + STARVED + 0.1) is starved
    assert next_ticket([starved, urgent], 100.0 + STARVED - 0.1) is urgent


def test_a_request_without_room_takes_that_of_a_less_urgent_one_which_goes_on_later() -> None:
    with engine(capacity=100) as (scheduler, model):
        chat = Answer("c" * 40, "chat", sampling=Sampling(max_tokens=30))
        completion = Answer("d" * 60, sampling=Sampling(max_tokens=5))

        started = threading.Event()

        def interrupt() -> None:
            if len(model.steps) == 3 and not started.is_set():
                started.set()
                scheduler.submit(completion.generation)

        model.before_step = interrupt
        scheduler.submit(chat.generation)
        wait(chat, completion)
    assert completion.text == "d" * 5
    assert chat.text == "c" * 30


def test_a_request_without_room_waits_for_a_more_urgent_one() -> None:
    with engine(capacity=100) as (scheduler, model):
        completion = Answer("d" * 60, sampling=Sampling(max_tokens=5))
        chat = Answer("c" * 60, "chat", sampling=Sampling(max_tokens=5))
        hold = threading.Event()
        model.before_step = partial(waited, hold)
        scheduler.submit(completion.generation)
        scheduler.submit(chat.generation)
        hold.set()
        wait(chat, completion)
    assert (completion.text, chat.text) == ("d" * 5, "c" * 5)


def test_a_prompt_that_never_fits_is_refused_with_figures() -> None:
    with engine(capacity=50) as (scheduler, _):
        answer, other = Answer("a" * 80), Answer("b")
        scheduler.submit(answer.generation)
        scheduler.submit(other.generation)
        wait(answer, other)
    assert answer.error is not None
    assert (answer.error.code, str(answer.error)) == (
        "too-long",
        "The prompt has 81 tokens, and the model's window is 50.",
    )
    assert other.text == "b"


def test_more_requests_than_sequences_are_all_served() -> None:
    with engine(sequences=2) as (scheduler, _):
        lanes: tuple[Lane, ...] = ("completion", "action", "chat", "background")
        answers = [Answer(letter * 9, lanes[number % 4]) for number, letter in enumerate("abcdefgh")]
        for answer in answers:
            scheduler.submit(answer.generation)
        wait(*answers)
    assert [answer.text for answer in answers] == [letter * 9 for letter in "abcdefgh"]


def test_an_empty_prompt_is_refused() -> None:
    model = Backwards()
    generation = Generation((), Sampling(), "chat", lambda answer: None)
    with pytest.raises(ModelError, match="empty"):
        generation.step(model, Sequences(model, 2, 100), 64)


def test_an_engine_that_fails_in_an_unknown_way_ends() -> None:
    scheduler, model = Scheduler(lambda busy: None), Backwards()

    def break_down() -> None:
        raise RuntimeError("llama_decode returned -3")

    model.before_step = break_down
    scheduler.submit(Answer("a").generation)
    with pytest.raises(RuntimeError, match="-3"):
        scheduler.run(model, Sequences(model, 2, 100))


def repeating(lane: Lane, *, sampling: Sampling | None = None) -> Answer:
    """A request whose answer repeats its prompt, so that most of it can be looked up."""
    return Answer("abcdefgfedcba" * 8, lane, sampling=sampling or Sampling(max_tokens=90))


@pytest.mark.parametrize("lane", ["action", "chat"])
def test_an_answer_that_repeats_the_prompt_is_looked_up_and_the_same(lane: Lane) -> None:
    with engine() as (scheduler, model):
        plain, drafted = repeating("completion"), repeating(lane)
        for answer in (plain, drafted):
            scheduler.submit(answer.generation)
            wait(answer)
            model.steps.append("|")
    assert drafted.text == plain.text
    assert [piece.finish for piece in drafted.pieces] == [piece.finish for piece in plain.pieces]
    without, cost = plain.pieces[-1].usage, drafted.pieces[-1].usage
    assert without is not None
    assert cost is not None
    assert (without.drafted, without.accepted) == (0, 0)
    assert cost.generated == without.generated == 90
    assert 0 < cost.accepted <= cost.drafted


def test_a_stop_string_inside_a_draft_ends_the_answer() -> None:
    with engine() as (scheduler, _):
        plain = repeating("completion", sampling=Sampling(max_tokens=90, stop=("cbaabc",)))
        drafted = repeating("chat", sampling=Sampling(max_tokens=90, stop=("cbaabc",)))
        later = repeating("chat")
        for answer in (plain, drafted, later):
            scheduler.submit(answer.generation)
            wait(answer)
    assert drafted.text == plain.text
    assert drafted.pieces[-1].finish == "stop"
    assert len(later.text) == 90


def test_a_draft_that_is_interrupted_leaves_no_trace() -> None:
    with engine() as (scheduler, model):
        plain, drafted, completion = repeating("completion"), repeating("chat"), Answer("dd")
        interrupted = threading.Event()

        def interrupt() -> None:
            if drafted.generation.reads and drafted.text and not interrupted.is_set():
                interrupted.set()
                scheduler.submit(completion.generation)

        model.before_step = interrupt
        for answer in (plain, drafted):
            scheduler.submit(answer.generation)
            wait(answer)
        wait(completion)
    assert interrupted.is_set()
    assert drafted.text == plain.text
    assert completion.text == "dd"


def test_a_draft_takes_no_room_from_others() -> None:
    with engine(capacity=240, sequences=2) as (scheduler, _):
        urgent = Answer("d" * 60, "action", sampling=Sampling(max_tokens=60))
        drafted = repeating("chat", sampling=Sampling(max_tokens=9))
        for answer in (urgent, drafted):
            scheduler.submit(answer.generation)
        wait(urgent, drafted)
    assert urgent.text == "d" * 60
    assert drafted.text == "abcdefgfe"
