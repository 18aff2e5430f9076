// SPDX-License-Identifier: GPL-2.0
/*
 * Generations of keys: key update, RFC 9001 section 6, with the packet number
 * spaces of RFC 10069.
 *
 * Both directions have a generation of their own, of which the lowest bit is
 * the key phase. Who starts an update is one ahead in what it sends until the
 * other follows; so what is received is never ahead of what is sent.
 *
 * The next generation is there before it is needed: in softirq an update is a
 * change of pointers, and a packet with the phase bit flipped costs what any
 * packet costs that does not authenticate.
 */

#include "conn.h"
#include "keys.h"
#include "life.h"
#include "netlink.h"
#include "path.h"

/* Ordered, because most of its work waits for the mutex of one device. */
static struct workqueue_struct *keys_wq;

/**
 * mqvpn_keys_wq_init() - get ready for connections that update their keys
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int mqvpn_keys_wq_init(void)
{
	keys_wq = alloc_ordered_workqueue("mqvpn_keys", 0);
	return keys_wq ? 0 : -ENOMEM;
}

/**
 * mqvpn_keys_wq_exit() - the last connection is gone
 *
 * Context: module exit, after all devices are gone.
 */
void mqvpn_keys_wq_exit(void)
{
	destroy_workqueue(keys_wq);
}

/* The key in a slot, of the keys that are locked. */
static struct mqvpn_key *keys_deref(const struct mqvpn_keys *keys,
				    struct mqvpn_key __rcu *slot)
{
	return rcu_dereference_protected(slot, lockdep_is_held(&keys->lock));
}

/* Have the work done soon. Context: any; the connection is not yet freed. */
static void keys_kick(struct mqvpn_conn *conn)
{
	mqvpn_conn_hold(conn);
	if (mod_delayed_work(keys_wq, &conn->keys.work, 0))
		mqvpn_conn_put(conn);
}

/* In @delay ns, unless there is something to do before. */
static void keys_work_later(struct mqvpn_conn *conn, u64 delay)
{
	mqvpn_conn_hold(conn);
	if (!queue_delayed_work(keys_wq, &conn->keys.work,
				nsecs_to_jiffies(delay) + 1))
		mqvpn_conn_put(conn);
}

/* Put a key into a slot in place of the one there; takes the reference. */
static void keys_replace(struct mqvpn_keys *keys, struct mqvpn_key __rcu **slot,
			 struct mqvpn_key *key)
{
	struct mqvpn_key *old;

	old = rcu_replace_pointer(*slot, key, lockdep_is_held(&keys->lock));
	mqvpn_key_put(old);
}

/* The next generation of what is sent, which is there. */
static void keys_advance_tx(struct mqvpn_keys *keys, u8 reason)
{
	lockdep_assert_held(&keys->lock);

	keys_replace(keys, &keys->tx, keys->tx_next);
	keys->tx_next = NULL;
	keys->reason = reason;
	WRITE_ONCE(keys->acked, false);
}

/*
 * The next generation of what is received. A reader that still sees the old
 * one finds the new one as the next, before and after.
 */
static void keys_advance_rx(struct mqvpn_keys *keys)
{
	struct mqvpn_key *next = keys_deref(keys, keys->rx_next);
	struct mqvpn_key *old = keys_deref(keys, keys->rx);

	lockdep_assert_held(&keys->lock);

	refcount_inc(&old->ref);
	keys_replace(keys, &keys->rx_prev, old);
	refcount_inc(&next->ref);
	keys_replace(keys, &keys->rx, next);
	WRITE_ONCE(keys->answered, false);
}

/* RFC 9001 sections 6.1 and 6.5. Return: NULL, or what stands against it. */
static const char *keys_hindrance(const struct mqvpn_conn *conn)
{
	const struct mqvpn_keys *keys = &conn->keys;
	const struct mqvpn_key *tx = keys_deref(keys, keys->tx);
	const struct mqvpn_key *rx = keys_deref(keys, keys->rx);

	if (!tx || !rx)
		return "mqvpn: keys of both directions are needed";
	if (!READ_ONCE(conn->config.confirmed))
		return "mqvpn: the handshake is not confirmed";
	if (tx->generation != rx->generation)
		return "mqvpn: the peer has not followed the last key update";
	if (!keys->acked)
		return "mqvpn: the last key update is not acknowledged";
	if (rcu_access_pointer(keys->rx_prev))
		return "mqvpn: the last key update is less than three PTO ago";
	if (!keys->tx_next)
		return "mqvpn: the next keys are not yet there";
	return NULL;
}

/* RFC 9001 section 6.6: it is the end of the connection. */
static void keys_reached(struct mqvpn_conn *conn, u8 direction)
{
	struct mqvpn_keys *keys = &conn->keys;

	lockdep_assert_held(&keys->lock);

	if (keys->limit)
		return;
	keys->limit = true;
	keys->limit_of = direction;
	keys_kick(conn);
}

/* Data path: sending */

/*
 * A key that is half used up is replaced, and one that is used up is not used;
 * a few packets are left for the CONNECTION_CLOSE.
 */
static struct mqvpn_key *keys_worn(struct mqvpn_conn *conn,
				   struct mqvpn_key *key, u64 sealed,
				   unsigned int *why)
{
	bool open = READ_ONCE(conn->state) == MQVPN_CONN_STATE_OPEN;
	u64 most = key->seal_max - (open ? MQVPN_KEY_RESERVE : 0);
	struct mqvpn_keys *keys = &conn->keys;
	struct mqvpn_key *now;

	spin_lock_bh(&keys->lock);
	now = keys_deref(keys, keys->tx);
	if (open && now == key && !keys_hindrance(conn)) {
		keys_advance_tx(keys, MQVPN_REASON_KEY_USE);
		keys_kick(conn);
	}
	now = keys_deref(keys, keys->tx);
	if (now == key && sealed > most)
		keys_reached(conn, MQVPN_DIRECTION_TX);
	spin_unlock_bh(&keys->lock);

	if (now == key && sealed <= most)
		return key;
	atomic64_dec(&key->sealed);
	*why = now ? MQVPN_A_COUNTERS_TX_KEY_LIMIT : MQVPN_A_COUNTERS_TX_NO_KEY;
	if (!now || now == key)
		return NULL;
	atomic64_inc(&now->sealed);
	return now;
}

/**
 * mqvpn_keys_seal() - the key for one packet, and count it
 * @conn: connection
 * @why: drop counter, if there is none
 *
 * RFC 9001 section 6.6: rather no packet than one too many with a key.
 *
 * Context: bottom halves disabled, RCU read lock held.
 * Return: the key or NULL.
 */
struct mqvpn_key *mqvpn_keys_seal(struct mqvpn_conn *conn, unsigned int *why)
{
	struct mqvpn_key *key = rcu_dereference(conn->keys.tx);
	u64 sealed;

	if (unlikely(!key)) {
		*why = MQVPN_A_COUNTERS_TX_NO_KEY;
		return NULL;
	}
	sealed = atomic64_inc_return(&key->sealed);
	if (unlikely(sealed > key->seal_max / 2))
		return keys_worn(conn, key, sealed, why);
	return key;
}

/**
 * mqvpn_keys_sent() - a packet leaves
 * @path: path
 * @key: key that it is sealed with
 * @pn: packet number
 *
 * Context: bottom halves disabled, the path's lock held.
 */
void mqvpn_keys_sent(struct mqvpn_path *path, const struct mqvpn_key *key,
		     u64 pn)
{
	lockdep_assert_held(&path->lock);

	if (likely(path->phase.tx_generation == key->generation))
		return;
	path->phase.tx_generation = key->generation;
	path->phase.tx_first = pn;
}

/**
 * mqvpn_keys_sent_ack() - an acknowledgement leaves
 * @path: path that it acknowledges
 *
 * From the first one of a phase on the peer may update again.
 *
 * Context: bottom halves disabled, RCU read lock and the path's lock held.
 */
void mqvpn_keys_sent_ack(struct mqvpn_path *path)
{
	struct mqvpn_keys *keys = &path->conn->keys;
	const struct mqvpn_key *rx;

	lockdep_assert_held(&path->lock);

	if (likely(READ_ONCE(keys->answered)))
		return;
	spin_lock_bh(&keys->lock);
	rx = keys_deref(keys, keys->rx);
	if (rx && rx->generation == path->phase.rx_generation)
		WRITE_ONCE(keys->answered, true);
	spin_unlock_bh(&keys->lock);
}

/**
 * mqvpn_keys_acked() - an acknowledgement came
 * @path: path that it acknowledges
 * @largest: largest packet number in it, which was sent
 *
 * Context: bottom halves disabled, RCU read lock and the path's lock held.
 */
void mqvpn_keys_acked(struct mqvpn_path *path, u64 largest)
{
	struct mqvpn_keys *keys = &path->conn->keys;
	const struct mqvpn_key *tx;

	lockdep_assert_held(&path->lock);

	if (likely(READ_ONCE(keys->acked)))
		return;
	spin_lock_bh(&keys->lock);
	tx = keys_deref(keys, keys->tx);
	if (tx && tx->generation == path->phase.tx_generation &&
	    largest >= path->phase.tx_first)
		WRITE_ONCE(keys->acked, true);
	spin_unlock_bh(&keys->lock);
}

/* Data path: receiving */

/**
 * mqvpn_keys_pick() - the key that a packet is to be opened with
 * @conn: connection
 * @seen: phases of the path that it came on, NULL while that is not open
 * @rx: the connection's receive key
 * @phase: the packet's key phase bit
 * @pn: its number
 *
 * RFC 9001 section 6.5: numbers tell a packet of the last phase from one of the
 * next. They do so on each path by itself; where no packet of this phase came
 * yet, the other one is the last as long as that has a key.
 *
 * Context: RCU read lock held.
 * Return: the key; for what is too late one that will not open it.
 */
struct mqvpn_key *mqvpn_keys_pick(const struct mqvpn_conn *conn,
				  const struct mqvpn_phase *seen,
				  struct mqvpn_key *rx, bool phase, u64 pn)
{
	const struct mqvpn_keys *keys = &conn->keys;
	struct mqvpn_key *prev, *next;

	if (likely(phase == (rx->generation & 1)))
		return rx;
	prev = rcu_dereference(keys->rx_prev);
	if (prev && (!seen ||
		     READ_ONCE(seen->rx_generation) != rx->generation ||
		     pn < READ_ONCE(seen->rx_first)))
		return prev;
	next = rcu_dereference(keys->rx_next);
	return next ?: rx;
}

/* Return: 0 or a drop counter. */
static unsigned int keys_follow(struct mqvpn_conn *conn,
				const struct mqvpn_key *key,
				const char **broken)
{
	struct mqvpn_keys *keys = &conn->keys;
	const struct mqvpn_key *tx = keys_deref(keys, keys->tx);
	const struct mqvpn_key *rx = keys_deref(keys, keys->rx);
	bool ours;

	lockdep_assert_held(&keys->lock);

	if (key == rx || key != keys_deref(keys, keys->rx_next))
		return 0;
	/* the peer follows an update of ours, or we one of the peer's */
	ours = !tx || tx->generation == key->generation;
	if (!ours && !keys->answered) {
		*broken = "key update before the last one was acknowledged";
		return MQVPN_A_COUNTERS_RX_PROTOCOL;
	}
	if (!ours && !keys->tx_next)
		return MQVPN_A_COUNTERS_RX_KEY_PHASE;
	keys_advance_rx(keys);
	if (!ours)
		keys_advance_tx(keys, MQVPN_REASON_PEER);
	keys_kick(conn);
	return 0;
}

/*
 * RFC 9001 section 6.4: on a path no packet of an old phase is behind one of a
 * new phase. Return: whether that is so.
 */
static bool keys_note(struct mqvpn_path *path, u32 generation, u64 pn)
{
	struct mqvpn_phase *seen = &path->phase;

	lockdep_assert_held(&path->lock);

	if (generation > seen->rx_generation) {
		seen->rx_old = path->ack.next;
		WRITE_ONCE(seen->rx_first, pn);
		WRITE_ONCE(seen->rx_generation, generation);
	} else if (generation < seen->rx_generation) {
		seen->rx_old = max(seen->rx_old, pn + 1);
	} else {
		WRITE_ONCE(seen->rx_first, min(seen->rx_first, pn));
	}
	return seen->rx_old <= seen->rx_first;
}

/**
 * mqvpn_keys_opened() - a packet is genuine
 * @path: path that it came on
 * @key: key that opened it
 * @pn: its number
 *
 * The first packet of the next phase is the update.
 *
 * Context: bottom halves disabled, RCU read lock held, no lock held.
 * Return: 0 or the counter to drop it under.
 */
unsigned int mqvpn_keys_opened(struct mqvpn_path *path, struct mqvpn_key *key,
			       u64 pn)
{
	const struct mqvpn_phase *seen = &path->phase;
	struct mqvpn_conn *conn = path->conn;
	struct mqvpn_keys *keys = &conn->keys;
	const char *broken = NULL;
	unsigned int why;

	if (likely(READ_ONCE(seen->rx_generation) == key->generation &&
		   pn >= READ_ONCE(seen->rx_first)))
		return 0;
	spin_lock(&path->lock);
	spin_lock(&keys->lock);
	why = keys_follow(conn, key, &broken);
	spin_unlock(&keys->lock);
	if (!why && !keys_note(path, key->generation, pn)) {
		broken = "old keys behind new ones";
		why = MQVPN_A_COUNTERS_RX_PROTOCOL;
	}
	spin_unlock(&path->lock);
	if (broken)
		mqvpn_conn_protocol_error(conn, MQVPN_ERROR_KEY_UPDATE, 0,
					  broken);
	return why;
}

/**
 * mqvpn_keys_failed() - a packet is not genuine
 * @conn: connection
 * @key: key that did not open it
 *
 * RFC 9001 section 6.6: their number is limited over all keys.
 *
 * Context: bottom halves disabled.
 */
void mqvpn_keys_failed(struct mqvpn_conn *conn, const struct mqvpn_key *key)
{
	struct mqvpn_keys *keys = &conn->keys;

	if (likely(atomic64_inc_return(&keys->failed) <= key->fail_max))
		return;
	spin_lock_bh(&keys->lock);
	keys_reached(conn, MQVPN_DIRECTION_RX);
	spin_unlock_bh(&keys->lock);
}

/* Process context */

/* Return: 0 or a negative error; *next is NULL if there is nothing to do. */
static int keys_derive_one(struct mqvpn_key *from, struct mqvpn_key **next)
{
	struct mqvpn_key *key;

	*next = NULL;
	if (!from)
		return 0;
	key = mqvpn_key_next(from, NULL);
	if (IS_ERR(key))
		return PTR_ERR(key);
	*next = key;
	return 0;
}

static int keys_derive(struct mqvpn_conn *conn)
{
	struct mqvpn_keys *keys = &conn->keys;
	struct mqvpn_key *tx = NULL, *rx, *next;
	int err, err_rx;

	lockdep_assert_held(&conn->md->lock);

	/* what lacks its next is not updated, and so stays */
	spin_lock_bh(&keys->lock);
	if (!keys->tx_next)
		tx = keys_deref(keys, keys->tx);
	rx = keys_deref(keys, keys->rx);
	if (rx != keys_deref(keys, keys->rx_next))
		rx = NULL;
	spin_unlock_bh(&keys->lock);

	err = keys_derive_one(tx, &next);
	if (next) {
		spin_lock_bh(&keys->lock);
		keys->tx_next = next;
		spin_unlock_bh(&keys->lock);
	}
	err_rx = keys_derive_one(rx, &next);
	if (next) {
		spin_lock_bh(&keys->lock);
		keys_replace(keys, &keys->rx_next, next);
		spin_unlock_bh(&keys->lock);
	}
	return err ?: err_rx;
}

/* Return: ns until the previous key is to be wiped, 0 for never. */
static u64 keys_wipe(struct mqvpn_conn *conn)
{
	struct mqvpn_keys *keys = &conn->keys;
	u64 now = ktime_get_ns();
	u64 pto;

	lockdep_assert_held(&conn->md->lock);

	if (!rcu_access_pointer(keys->rx_prev))
		return 0;
	if (!keys->prev_until) {
		rcu_read_lock();
		pto = mqvpn_conn_pto(conn);
		rcu_read_unlock();
		keys->prev_until = now + MQVPN_KEY_PTOS * pto;
	}
	if (now < keys->prev_until)
		return keys->prev_until - now;
	spin_lock_bh(&keys->lock);
	keys_replace(keys, &keys->rx_prev, NULL);
	spin_unlock_bh(&keys->lock);
	keys->prev_until = 0;
	return 0;
}

static void keys_tell(struct mqvpn_conn *conn)
{
	struct mqvpn_keys *keys = &conn->keys;
	const struct mqvpn_key *key;
	u32 tx = keys->told_tx, rx = keys->told_rx;
	u8 reason;

	lockdep_assert_held(&conn->md->lock);

	spin_lock_bh(&keys->lock);
	key = keys_deref(keys, keys->tx);
	if (key)
		tx = key->generation;
	key = keys_deref(keys, keys->rx);
	if (key)
		rx = key->generation;
	reason = keys->reason;
	spin_unlock_bh(&keys->lock);
	if (tx != keys->told_tx)
		mqvpn_nl_key_event(conn, MQVPN_DIRECTION_TX, tx, reason);
	if (rx != keys->told_rx) {
		mqvpn_nl_key_event(conn, MQVPN_DIRECTION_RX, rx, reason);
		/* a new one before, to be kept for as long as this one */
		keys->prev_until = 0;
	}
	conn->md->generation += tx != keys->told_tx || rx != keys->told_rx;
	keys->told_tx = tx;
	keys->told_rx = rx;
}

/* A key is used up, and there was no other. */
static void keys_check_limit(struct mqvpn_conn *conn)
{
	const struct mqvpn_keys *keys = &conn->keys;
	bool closed;

	if (!READ_ONCE(keys->limit))
		return;
	local_bh_disable();
	rcu_read_lock();
	closed = mqvpn_conn_key_limit(conn);
	rcu_read_unlock();
	local_bh_enable();
	if (!closed)
		return;
	mqvpn_nl_key_event(conn, keys->limit_of,
			   keys->limit_of == MQVPN_DIRECTION_TX ?
			   keys->told_tx : keys->told_rx,
			   MQVPN_REASON_KEY_LIMIT);
}

static void keys_work(struct work_struct *work)
{
	struct mqvpn_conn *conn = container_of(to_delayed_work(work),
					       struct mqvpn_conn, keys.work);
	struct mqvpn_dev *md = conn->md;
	u64 again;

	mutex_lock(&md->lock);
	if (!conn->gone) {
		keys_tell(conn);
		keys_check_limit(conn);
		again = keys_wipe(conn);
		if (keys_derive(conn))
			again = MQVPN_KEY_RETRY_NS;
		if (again)
			keys_work_later(conn, again);
	}
	mutex_unlock(&md->lock);
	mqvpn_conn_put(conn);
}

/**
 * mqvpn_keys_init() - no keys yet
 * @keys: of a new connection
 *
 * Context: process.
 */
void mqvpn_keys_init(struct mqvpn_keys *keys)
{
	spin_lock_init(&keys->lock);
	keys->acked = true;
	keys->answered = true;
	INIT_DELAYED_WORK(&keys->work, keys_work);
}

/**
 * mqvpn_keys_set() - install or remove the keys of one direction
 * @conn: connection
 * @direction: enum mqvpn_direction
 * @key: the key, whose reference passes to the connection, or NULL
 * @next: that of the next generation, likewise
 *
 * Context: process, device mutex held.
 */
void mqvpn_keys_set(struct mqvpn_conn *conn, u8 direction,
		    struct mqvpn_key *key, struct mqvpn_key *next)
{
	struct mqvpn_keys *keys = &conn->keys;
	struct mqvpn_path *path;
	unsigned int slot;

	lockdep_assert_held(&conn->md->lock);

	mqvpn_for_each_path(conn, slot, path) {
		spin_lock_bh(&path->lock);
		memset(&path->phase, 0, sizeof(path->phase));
		spin_unlock_bh(&path->lock);
	}
	spin_lock_bh(&keys->lock);
	if (direction == MQVPN_DIRECTION_TX) {
		mqvpn_key_put(keys->tx_next);
		keys->tx_next = next;
		keys_replace(keys, &keys->tx, key);
		WRITE_ONCE(keys->acked, true);
		keys->told_tx = 0;
	} else {
		keys_replace(keys, &keys->rx_prev, NULL);
		keys_replace(keys, &keys->rx_next, next);
		keys_replace(keys, &keys->rx, key);
		WRITE_ONCE(keys->answered, true);
		keys->told_rx = 0;
	}
	spin_unlock_bh(&keys->lock);
}

/**
 * mqvpn_keys_exit() - wipe all keys of a connection that is deleted
 * @conn: connection
 *
 * Context: process, device mutex held.
 */
void mqvpn_keys_exit(struct mqvpn_conn *conn)
{
	mqvpn_keys_set(conn, MQVPN_DIRECTION_TX, NULL, NULL);
	mqvpn_keys_set(conn, MQVPN_DIRECTION_RX, NULL, NULL);
	/* one that runs waits for the mutex, and will find nothing to do */
	if (cancel_delayed_work(&conn->keys.work))
		mqvpn_conn_put(conn);
}

/**
 * mqvpn_keys_update() - start a key update by command
 * @conn: connection
 * @extack: for the reason of a refusal
 *
 * Context: process, device mutex held.
 * Return: 0, -ESHUTDOWN for a connection that closes, -EAGAIN for what will
 * be possible later.
 */
int mqvpn_keys_update(struct mqvpn_conn *conn, struct netlink_ext_ack *extack)
{
	struct mqvpn_keys *keys = &conn->keys;
	const char *hindrance;
	int err;

	lockdep_assert_held(&conn->md->lock);

	err = mqvpn_conn_check_open(conn, extack);
	if (err)
		return err;
	spin_lock_bh(&keys->lock);
	hindrance = keys_hindrance(conn);
	if (!hindrance)
		keys_advance_tx(keys, MQVPN_REASON_ADMIN);
	spin_unlock_bh(&keys->lock);
	if (hindrance) {
		extack->_msg = hindrance;
		return -EAGAIN;
	}
	keys_tell(conn);
	keys_kick(conn);
	return 0;
}

/**
 * mqvpn_keys_stop() - never send again with the keys of a connection
 * @conn: connection
 * @reason: enum mqvpn_reason
 *
 * What a copy of this machine may send, too, must not be sealed with the same
 * key and number twice. Packets go on to be received, and none is sent.
 *
 * Context: process, device mutex held.
 */
void mqvpn_keys_stop(struct mqvpn_conn *conn, u8 reason)
{
	u32 generation;

	lockdep_assert_held(&conn->md->lock);

	if (!mqvpn_keys_generation(conn, &generation))
		return;
	mqvpn_keys_set(conn, MQVPN_DIRECTION_TX, NULL, NULL);
	conn->md->generation++;
	mqvpn_nl_key_event(conn, MQVPN_DIRECTION_TX, generation, reason);
}

/**
 * mqvpn_keys_generation() - number of the key that seals
 * @conn: connection
 * @generation: result
 *
 * Context: any.
 * Return: false if there is none.
 */
bool mqvpn_keys_generation(struct mqvpn_conn *conn, u32 *generation)
{
	const struct mqvpn_key *key;

	rcu_read_lock();
	key = rcu_dereference(conn->keys.tx);
	if (key)
		*generation = key->generation;
	rcu_read_unlock();
	return key;
}
