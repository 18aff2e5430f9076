// SPDX-License-Identifier: GPL-2.0
/*
 * The peer's address changes while a path is open, RFC 9000 section 9.3: a
 * client's, mostly because of a NAT on the way. The path goes to the new one at
 * once, with no more than three times what came from there, and stays there if
 * the peer answers; else it goes back.
 *
 * The route is part of where a path goes, so both change in process context.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "conn.h"
#include "life.h"
#include "path.h"
#include "rebind.h"
#include "tx.h"

/**
 * mqvpn_rebind_differs() - tell whether a packet's sender is new to its path
 * @path: path
 * @s: socket that it came to
 * @skb: UDP payload, behind its headers
 *
 * Only a client's address may change.
 *
 * Context: RCU read lock held.
 * Return: true if so.
 */
bool mqvpn_rebind_differs(const struct mqvpn_path *path,
			  const struct mqvpn_sock *s,
			  const struct sk_buff *skb)
{
	const union mqvpn_addr *remote = &rcu_dereference(path->to)->remote;

	if (path->conn->config.role != MQVPN_ROLE_SERVER ||
	    rcu_access_pointer(path->sk) != rcu_access_pointer(s->sock))
		return false;
	if (remote->v4.sin_port != udp_hdr(skb)->source)
		return true;
	if (skb->protocol == htons(ETH_P_IP))
		return remote->family != AF_INET ||
		       remote->v4.sin_addr.s_addr != ip_hdr(skb)->saddr;
	return remote->family != AF_INET6 ||
	       !ipv6_addr_equal(&remote->v6.sin6_addr, &ipv6_hdr(skb)->saddr);
}

/**
 * mqvpn_rebind_note() - the newest packet of a path came from elsewhere
 * @path: path
 * @via: from where
 * @bytes: its UDP payload
 *
 * One address at a time is tried.
 *
 * Context: any, the path's lock held.
 */
void mqvpn_rebind_note(struct mqvpn_path *path, const struct mqvpn_via *via,
		       unsigned int bytes)
{
	struct mqvpn_rebind *r = &path->rebind;

	lockdep_assert_held(&path->lock);

	if (r->away && !mqvpn_addr_same(&via->remote, &r->home.remote))
		return;
	if (!r->wanted || !mqvpn_addr_same(&via->remote, &r->via.remote))
		r->bytes = 0;
	r->wanted = true;
	r->via = *via;
	r->bytes += bytes;
	mqvpn_life_changed(path->conn);
}

static bool mqvpn_rebind_same_host(const union mqvpn_addr *a,
				   const union mqvpn_addr *b)
{
	union mqvpn_addr c = *b;

	c.v4.sin_port = a->v4.sin_port;
	return mqvpn_addr_same(a, &c);
}

/**
 * mqvpn_rebind_validated() - the peer is where a path goes
 * @path: path
 *
 * RFC 9000 section 9.4: the way to another host is another one, the way to
 * another port most likely is not.
 *
 * Context: any, the path's lock held.
 */
void mqvpn_rebind_validated(struct mqvpn_path *path)
{
	struct mqvpn_rebind *r = &path->rebind;

	lockdep_assert_held(&path->lock);

	if (!r->away)
		return;
	r->away = false;
	if (mqvpn_rebind_same_host(&r->home.remote, &path->config.remote))
		return;
	mqvpn_recovery_new_route(&path->rec);
	mqvpn_cc_init(&path->cc, path->cc.ops, path->cc.turn);
	mqvpn_path_pace(path);
}

/**
 * mqvpn_rebind_failed() - the peer does not answer where a path goes
 * @path: path
 *
 * Context: any, the path's lock held.
 * Return: true if the path goes back to where it came from.
 */
bool mqvpn_rebind_failed(struct mqvpn_path *path)
{
	lockdep_assert_held(&path->lock);

	if (!path->rebind.away)
		return false;
	path->rebind.failed = true;
	mqvpn_life_changed(path->conn);
	return true;
}

static void mqvpn_rebind_switch(struct mqvpn_path *path, struct mqvpn_to *to)
{
	struct mqvpn_to *old;

	path->config.remote = to->remote;
	path->config.local = to->local;
	old = rcu_replace_pointer(path->to, to,
				  lockdep_is_held(&path->conn->md->lock));
	mqvpn_to_free(old);
	path->tell = true;
}

static void mqvpn_rebind_kick(struct mqvpn_path *path)
{
	local_bh_disable();
	rcu_read_lock();
	mqvpn_tx_kick(path);
	rcu_read_unlock();
	local_bh_enable();
}

/*
 * RFC 9000 section 9.3.3: the address that is left is challenged, too. Somebody
 * may have been faster with a copy of the peer's packet: then its own answer is
 * the newest packet, and the path goes back. What the peer asked is answered at
 * the new address.
 */
static void mqvpn_rebind_ask_home(struct mqvpn_path *path)
{
	struct mqvpn_validation *v = &path->validation;
	bool respond;

	spin_lock_bh(&path->lock);
	respond = v->respond;
	v->respond = false;
	v->due = mqvpn_path_is_active(path);
	path->rebind.wanted = false;
	spin_unlock_bh(&path->lock);
	mqvpn_rebind_kick(path);
	spin_lock_bh(&path->lock);
	v->respond |= respond;
	spin_unlock_bh(&path->lock);
}

static void mqvpn_rebind_go(struct mqvpn_path *path,
			    const struct mqvpn_rebind *seen)
{
	struct mqvpn_rebind *r = &path->rebind;
	struct mqvpn_to *to;

	to = mqvpn_to_new(&seen->via.remote, &seen->via.local);
	if (!to)
		return;
	mqvpn_rebind_ask_home(path);
	spin_lock_bh(&path->lock);
	/* one that was never validated has nowhere to go back to */
	r->away = mqvpn_path_is_active(path);
	r->home.remote = path->config.remote;
	r->home.local = path->config.local;
	mqvpn_rebind_switch(path, to);
	mqvpn_validation_again(path, seen->bytes);
	spin_unlock_bh(&path->lock);
}

static void mqvpn_rebind_back(struct mqvpn_path *path,
			      const struct mqvpn_rebind *seen)
{
	struct mqvpn_to *to;
	bool away;

	to = mqvpn_to_new(&seen->home.remote, &seen->home.local);
	if (!to)
		return;
	spin_lock_bh(&path->lock);
	away = path->rebind.away;
	if (away) {
		path->rebind.away = false;
		mqvpn_rebind_switch(path, to);
		mqvpn_validation_stop(path);
	}
	spin_unlock_bh(&path->lock);
	/* it was validated in the meantime */
	if (!away)
		mqvpn_to_free(to);
}

static struct mqvpn_rebind mqvpn_rebind_look(struct mqvpn_path *path)
{
	struct mqvpn_rebind seen;

	spin_lock_bh(&path->lock);
	seen = path->rebind;
	spin_unlock_bh(&path->lock);
	return seen;
}

/* What came meanwhile comes again. */
static void mqvpn_rebind_done(struct mqvpn_path *path)
{
	spin_lock_bh(&path->lock);
	path->rebind.wanted = false;
	path->rebind.failed = false;
	spin_unlock_bh(&path->lock);
	/* the answer to a challenge has waited, to go where that came from */
	mqvpn_rebind_kick(path);
}

/**
 * mqvpn_rebind_finish() - let a path go where the peer is
 * @path: path
 *
 * Context: process, device mutex held.
 */
void mqvpn_rebind_finish(struct mqvpn_path *path)
{
	struct mqvpn_rebind seen = mqvpn_rebind_look(path);

	lockdep_assert_held(&path->conn->md->lock);

	if (!seen.wanted && !seen.failed)
		return;
	if (!path->dead && !mqvpn_path_is_closing(path)) {
		if (seen.away)
			mqvpn_rebind_back(path, &seen);
		else if (!mqvpn_addr_same(&seen.via.remote,
					  &path->config.remote))
			mqvpn_rebind_go(path, &seen);
	}
	mqvpn_rebind_done(path);
}
