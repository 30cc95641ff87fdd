"""Models of answers, made from the structs of the domain: a client generator gets real types.

An amount is whole minor units, and a field's description is what the struct says of it.
"""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel, Field, create_model

_PLAIN: Final = frozenset({"int", "str", "bool", "date", "datetime", "UUID"})


@cache
def answer_of(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """What a struct is answered as. Fields that it leaves out at their defaults may be missing."""
    hints = get_type_hints(struct, include_extras=True)
    said = _descriptions(struct)
    may_be_missing = struct.__struct_config__.omit_defaults
    fields: dict[str, Any] = {
        field.name: (
            _told(hints[field.name]),
            Field(field.default if may_be_missing else ..., description=said.get(field.name)),
        )
        for field in msgspec.structs.fields(struct)
    }
    return cast(
        type[BaseModel],
        create_model(f"{struct.__name__}State", __doc__=struct.__doc__, **fields),
    )


def _told(hint: Any) -> Any:
    """A type of a struct as a type of an answer. Raises ``TypeError`` for what has no form."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _told(get_args(hint)[0])
    if origin in {Union, UnionType}:
        return Union[tuple(_told(kind) for kind in get_args(hint))]  # noqa: UP007
    if origin is tuple:
        item, ellipsis = get_args(hint)
        assert ellipsis is ..., hint
        return list[_told(item)]  # type: ignore[misc]
    if origin is Literal or hint is NoneType:
        return hint
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return answer_of(hint)
    if isinstance(hint, type) and hint.__name__ in _PLAIN:
        return hint
    raise TypeError(f"{hint} has no form in an answer yet")


def _descriptions(struct: type[msgspec.Struct]) -> Mapping[str, str]:
    """What stands under each field, by name: no object keeps it, so it is read from the source."""
    body = _classes_in(struct.__module__)[struct.__name__].body
    found: dict[str, str] = {}
    for field, said in pairwise(body):
        match field, said:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found


@cache
def _classes_in(module: str) -> Mapping[str, ast.ClassDef]:
    source = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in source.body if isinstance(node, ast.ClassDef)}
