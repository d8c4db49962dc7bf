"""Between the values of `backend.py` and the messages on the socket."""

from __future__ import annotations

import dataclasses
from typing import Any, cast, get_args

from lsp_server.models.backend import ErrorCode, Finish, Lane, ModelError, Piece, Sampling, Usage
from lsp_server.models.host.frames import Message
from lsp_server.models.host.limits import checked
from lsp_server.prompts.types import Prompt, Special, SpecialName


def prompt_to_wire(prompt: Prompt) -> list[Any]:
    """Text as strings, control tokens as objects: no text can become one on the way."""
    return [part if isinstance(part, str) else {"special": part.name} for part in prompt]


def prompt_from_wire(parts: object) -> Prompt:
    """Raises ModelError."""
    if not isinstance(parts, list):
        raise _bad("the prompt is no list")
    return tuple(_part(part) for part in parts)


def sampling_from_wire(fields: object) -> Sampling:
    """Raises ModelError."""
    try:
        sampling = Sampling(**cast("dict[str, Any]", fields))
        return checked(dataclasses.replace(sampling, stop=tuple(map(str, sampling.stop))))
    except TypeError as error:
        raise _bad(f"the sampling is not understood: {error}") from error


def lane_from_wire(name: object) -> Lane:
    """Raises ModelError."""
    if name not in get_args(Lane):
        raise _bad(f"there is no lane {name!r}")
    return cast("Lane", name)


def answer_to_wire(number: int, answer: Piece | ModelError) -> Message:
    """A piece or the error that ends a request, for the request of that number."""
    if isinstance(answer, ModelError):
        return {"type": "error", "id": number, **error_to_wire(answer)}
    message: Message = {"type": "piece", "id": number, "text": answer.text}
    if answer.finish is not None:
        message["finish"] = answer.finish
    if answer.usage is not None:
        message["usage"] = dataclasses.asdict(answer.usage)
    if answer.read is not None:
        message["read"] = answer.read
    return message


def piece_from_wire(message: Message) -> Piece:
    usage = message.get("usage")
    finish = cast("Finish | None", message.get("finish"))
    return Piece(message["text"], finish, Usage(**usage) if usage else None, message.get("read"))


def error_to_wire(error: ModelError) -> Message:
    return {"code": error.code, "message": str(error), "permanent": error.permanent}


def error_from_wire(message: Message) -> ModelError:
    code = cast("ErrorCode", message["code"])
    return ModelError(code, message["message"], permanent=bool(message["permanent"]))


def _part(part: object) -> str | Special:
    if isinstance(part, str):
        return part
    name = part.get("special") if isinstance(part, dict) else None
    if name not in get_args(SpecialName):
        raise _bad(f"there is no control token {name!r}")
    return Special(cast("SpecialName", name))


def _bad(what: str) -> ModelError:
    return ModelError("bad-request", f"The model host was asked for something odd: {what}.", permanent=True)
