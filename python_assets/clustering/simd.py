"""Vector instructions written out, because loops over small blocks are not always vectorised."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

ROWS = 4
WIDTH = 16
_LANES = 64
_FAST = ("contract",)


def _data(context: Any, builder: Any, array_type: Any, value: Any, offset: Any, pointee: Any) -> Any:
    data = context.make_array(array_type)(context, builder, value).data
    return builder.bitcast(builder.gep(data, [offset]), pointee.as_pointer())


def _load(builder: Any, pointer: Any) -> Any:
    instruction = builder.load(pointer)
    instruction.align = 4
    return instruction


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    lane = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
    return builder.shuffle_vector(lane, ir.Constant(vector, ir.Undefined), mask)


@intrinsic
def block_masks(typingctx, rows, row, half_rows, caps, columns, column, half_columns, cap_columns, floor, out):  # type: ignore[no-untyped-def]
    """
    Compare ROWS points with 64: bit j of `out[r]` says that the pair (row + r, column + j) passes.

    A pair passes when the float32 product of its points, summed in any order, is at least
    (half_rows + half_columns) - max(caps, cap_columns, floor).

    Parameters
    ----------
    rows : ndarray, shape (n * width,), float32
        Points one after the other; `row` is the first.
    half_rows, caps : ndarray, shape (n,), float32
    columns : ndarray, shape (n * width,), float32
        Blocks of 64 points, coordinate by coordinate; `column` is the first point, a multiple of 64.
    half_columns, cap_columns : ndarray, shape (n,), float32
    floor : float32
    out : ndarray, shape (ROWS,), uint64
    """
    signature = types.void(rows, row, half_rows, caps, columns, column, half_columns, cap_columns, floor, out)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kinds = sig.args
        single, index = ir.FloatType(), args[1].type
        vector = ir.VectorType(single, _LANES)

        def at(slot: int, offset: Any, pointee: Any) -> Any:
            return _load(builder, _data(context, builder, kinds[slot], args[slot], offset, pointee))

        first = builder.mul(args[1], ir.Constant(index, WIDTH))
        start = builder.mul(args[5], ir.Constant(index, WIDTH))
        sums = [ir.Constant(vector, [0.0] * _LANES)] * ROWS
        for k in range(WIDTH):
            column_k = at(4, builder.add(start, ir.Constant(index, k * _LANES)), vector)
            for r in range(ROWS):
                value = at(0, builder.add(first, ir.Constant(index, r * WIDTH + k)), single)
                product = builder.fmul(_splat(builder, value, vector), column_k, flags=_FAST)
                sums[r] = builder.fadd(sums[r], product, flags=_FAST)
        half_column, cap_column = at(6, args[5], vector), at(7, args[5], vector)
        for r in range(ROWS):
            position = builder.add(args[1], ir.Constant(index, r))
            cap = at(3, position, single)
            cap = builder.select(builder.fcmp_ordered(">", cap, args[8]), cap, args[8])
            cap = _splat(builder, cap, vector)
            cap = builder.select(builder.fcmp_ordered(">", cap, cap_column), cap, cap_column)
            half = builder.fadd(_splat(builder, at(2, position, single), vector), half_column)
            passed = builder.fcmp_ordered(">=", sums[r], builder.fsub(half, cap))
            word = builder.bitcast(passed, ir.IntType(64))
            target = _data(context, builder, kinds[9], args[9], ir.Constant(index, r), ir.IntType(64))
            builder.store(word, target)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def lowest_bit(typingctx, word):  # type: ignore[no-untyped-def]
    """Index of the lowest set bit of a uint64 that is not zero, int64."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.cttz(args[0], cgutils.true_bit)

    return types.int64(types.uint64), codegen
