/* SPDX-License-Identifier: GPL-2.0 */
/* The peer's address changes while a path is open, RFC 9000 section 9.3. */
#ifndef MQVPN_REBIND_H
#define MQVPN_REBIND_H

#include "udp.h"

struct mqvpn_path;

/**
 * struct mqvpn_rebind - where a path goes, and where it came from
 * @wanted: a packet came from @via
 * @away: the address is not validated; @home was, before it
 * @failed: it was not validated in time
 * @bytes: that came from @via
 * @via: another address of the peer's, and which of ours it was sent to
 * @home: where to go back to
 *
 * The path's lock protects it.
 */
struct mqvpn_rebind {
	bool wanted;
	bool away;
	bool failed;
	u32 bytes;
	struct mqvpn_via via;
	struct mqvpn_via home;
};

bool mqvpn_rebind_differs(const struct mqvpn_path *path,
			  const struct mqvpn_sock *s,
			  const struct sk_buff *skb);
void mqvpn_rebind_note(struct mqvpn_path *path, const struct mqvpn_via *via,
		       unsigned int bytes);
void mqvpn_rebind_validated(struct mqvpn_path *path);
bool mqvpn_rebind_failed(struct mqvpn_path *path);
void mqvpn_rebind_finish(struct mqvpn_path *path);

#endif
