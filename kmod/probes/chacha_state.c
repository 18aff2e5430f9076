// SPDX-License-Identifier: GPL-2.0
/* ChaCha's state is a type, not an array of words (6.16). */

#include <crypto/chacha.h>

void probe(struct chacha_state *state, u8 *out);
void probe(struct chacha_state *state, u8 *out)
{
	chacha20_block(state, out);
}
