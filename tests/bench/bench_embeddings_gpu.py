"""The architecture of jina-embeddings-v3 (570M) with random weights on one GPU, beside the default loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from python_assets.embeddings.batching import cut_batches
from python_assets.embeddings.models import TextModel, mean_pooling

BATCH_TOKENS = 32_768
THEIR_BATCH = 32


class NoTokenizer:
    """Token sequences come as they are."""

    pad_token_id = 1
    unk_token_id = 3


def compare_on_gpu(shrink: int) -> None:
    """Ours beside float32 in batches of 32, and ours beside the matrix products that the GPU can do."""
    if not torch.cuda.is_available():
        print("no GPU: the part for it is left out", flush=True)
        return
    from transformers import JinaEmbeddingsV3Config, JinaEmbeddingsV3Model

    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(4.3, 1.0, 20_000 // shrink), 4, 2_048).astype(int)
    sequences = [rng.integers(5, 250_000, length) for length in lengths]
    with torch.device("cuda"):
        transformer = JinaEmbeddingsV3Model(JinaEmbeddingsV3Config()).eval()
    theirs = _seconds(lambda: _default(transformer, sequences))
    exact = _default(transformer, sequences[:500])
    ours = TextModel(
        tokenizer=NoTokenizer(),
        transformer=transformer.to(torch.bfloat16),
        pooling=mean_pooling,
        device="cuda",
        precision="bfloat16",
        dimension=1024,
        head=np.array([], dtype=np.int64),
        tail=np.array([], dtype=np.int64),
        max_content=8_192,
        revision="random",
    )
    seconds = _seconds(lambda: _ours(ours, sequences))
    moved = float((_ours(ours, sequences[:500]) - exact).norm(dim=1).max())
    n_tokens = int(lengths.sum())
    flops = _flops(transformer, lengths)
    peak = _matrix_peak()
    print(f"{len(sequences)} sequences, {n_tokens} tokens, 570M, random weights, {torch.cuda.get_device_name()}")
    print(f"  float32 in batches of {THEIR_BATCH}  {theirs:8.2f} s {n_tokens / theirs:10.0f} tokens/s")
    print(f"  ours                     {seconds:8.2f} s {n_tokens / seconds:10.0f} tokens/s {theirs / seconds:6.2f} x")
    print(f"  {flops / seconds / 1e12:.0f} of {peak / 1e12:.0f} TFLOP/s measured: {flops / seconds / peak:.0%}")
    print(f"  vectors move by at most {moved:.4f}", flush=True)


def _default(transformer: Any, sequences: list[np.ndarray]) -> torch.Tensor:
    """What SentenceTransformer.encode does: sorted by length, a fixed number of texts, float32."""
    order = np.argsort([-len(ids) for ids in sequences])
    vectors = torch.empty((len(sequences), 1024))
    for start in range(0, len(order), THEIR_BATCH):
        rows = order[start : start + THEIR_BATCH]
        width = max(len(sequences[row]) for row in rows)
        ids = torch.tensor([[*sequences[row], *[1] * (width - len(sequences[row]))] for row in rows], device="cuda")
        mask = (ids != 1).long()
        with torch.inference_mode():
            hidden = transformer(input_ids=ids, attention_mask=mask).last_hidden_state
            pooled = mean_pooling({"token_embeddings": hidden, "attention_mask": mask})
            vectors[torch.from_numpy(rows)] = torch.nn.functional.normalize(pooled, dim=1).cpu()
    return vectors


def _ours(model: TextModel, sequences: list[np.ndarray]) -> torch.Tensor:
    vectors = torch.empty((len(sequences), 1024))
    running: list[tuple[np.ndarray, torch.Tensor]] = []
    for batch in cut_batches([len(ids) for ids in sequences], BATCH_TOKENS, model.max_content):
        running.append((batch, model.embed([sequences[position] for position in batch])))
        if len(running) > 1:
            done, found = running.pop(0)
            vectors[torch.from_numpy(done)] = found.cpu()
    for done, found in running:
        vectors[torch.from_numpy(done)] = found.cpu()
    return vectors


def _seconds(run: Callable[[], Any]) -> float:
    run()
    torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def _flops(transformer: Any, lengths: np.ndarray) -> float:
    """Multiply-adds of the layers, twice: weights per token, and attention by the square of the length."""
    layers = transformer.config.num_hidden_layers
    weights = sum(
        p.numel()
        for name, p in transformer.named_parameters()
        if p.dim() == 2 and "embeddings" not in name and "pooler" not in name
    )
    attention = 4 * layers * transformer.config.hidden_size * (lengths.astype(float) ** 2).sum()
    return float(2 * weights * lengths.sum() + attention)


def _matrix_peak() -> float:
    a, b = (torch.randn(8_192, 8_192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 10 * 2 * 8_192**3 / _seconds(lambda: [a @ b for _ in range(10)])
