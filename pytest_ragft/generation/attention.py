"""Attention of single new tokens where several query heads share one key and value head.

torch's kernel for the CPU takes equal numbers of heads, so transformers copies the whole cache out
to the number of query heads at every step and layer. The query heads of a group can as well stand
as rows of one head: same sums, nothing copied. Measured at 16 rows of 520 tokens with 9 query and
3 key heads: 0.5 instead of 2.3 ms a layer.
"""

from __future__ import annotations

from typing import Any

NAME = "ragft_grouped"


def use_grouped_attention(model: Any) -> None:
    """Switch a model on the CPU to it, where its attention is torch's (``sdpa``)."""
    if model.device.type != "cpu" or model.config._attn_implementation != "sdpa":
        return
    from transformers import AttentionInterface
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, AttentionMaskInterface

    AttentionInterface.register(NAME, grouped_attention)
    AttentionMaskInterface.register(NAME, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])
    model.set_attn_implementation(NAME)


def grouped_attention(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any
) -> tuple[Any, None]:
    """Attention as transformers' ``sdpa``, quicker for one new token a row.

    Args:
        module: The attention layer.
        query: Shape [rows, heads, new tokens, width].
        key: Shape [rows, key heads, tokens, width].
        value: As `key`.
        attention_mask: Shape [rows, 1, new tokens, tokens], or None.
        options: As transformers passes them.

    Returns:
        Shape [rows, new tokens, heads, width], and None.
    """
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    rows, heads, new, width = query.shape
    groups = key.shape[1]
    plain = options.get("position_bias") is None and not options.get("output_attentions")
    mask_is_shared = attention_mask is None or attention_mask.shape[1] == 1
    if new > 1 or groups == heads or not plain or not mask_is_shared:
        out, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return out, None
    each = heads // groups
    mask = None if attention_mask is None else attention_mask.expand(-1, -1, each, -1)
    out = scaled_dot_product_attention(
        query.reshape(rows, groups, each, width),
        key,
        value,
        attn_mask=mask,
        scale=options.get("scaling"),
    )
    return out.reshape(rows, 1, heads, value.shape[-1]), None
