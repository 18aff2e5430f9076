/* SPDX-License-Identifier: GPL-2.0 */
/* Control frames between a connection and its owner, up and down. */
#ifndef MQVPN_CONTROL_H
#define MQVPN_CONTROL_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "recovery.h"

struct mqvpn_conn;
struct mqvpn_path;
struct netlink_ext_ack;

/**
 * struct mqvpn_control - control frames of a connection
 * @lock: protects all but @blob; innermost, inside a path's; bottom halves
 *	disabled
 * @up: list of struct mqvpn_message that the owner has not acknowledged
 * @up_next: sequence number of the next one; they begin with 1
 * @up_told: the last one that was handed to the owner
 * @up_bytes: credit that they take
 * @up_count: how many they are
 * @down: list of struct mqvpn_delivery that the peer has not acknowledged
 * @down_bytes: bytes in them
 * @down_count: how many they are
 * @down_serial: of the next one
 * @waiting: how many of them are to be sent; read without the lock, too
 * @closed: the connection is being deleted, nothing is kept any more
 * @blob: owner blob; the device's mutex
 * @blob_len: bytes in @blob; the device's mutex
 */
struct mqvpn_control {
	spinlock_t lock; /* protects what is outstanding */
	struct list_head up;
	u64 up_next;
	u64 up_told;
	u32 up_bytes;
	u32 up_count;
	struct list_head down;
	u32 down_bytes;
	u32 down_count;
	u64 down_serial;
	u32 waiting;
	bool closed;
	void *blob;
	u16 blob_len;
};

/**
 * struct mqvpn_message - the frames of one packet that are the owner's
 * @list: link in mqvpn_control.up
 * @sequence: number of the message in its connection
 * @path_id: path that the packet came on
 * @len: bytes in @data
 * @note: room to tell the owner of it, unless there was none; once told, NULL
 * @data: whole frames
 */
struct mqvpn_message {
	struct list_head list;
	u64 sequence;
	u32 path_id;
	u32 len;
	struct sk_buff *note;
	u8 data[];
};

/**
 * struct mqvpn_delivery - frames of the owner's on their way to the peer
 * @list: link in mqvpn_control.down
 * @ref: references: the list's, one of each packet in flight
 * @serial: its place in the order of all of them
 * @cookie: what the owner calls it
 * @listed: not yet acknowledged or cancelled
 * @waiting: to be sent
 * @retires: holds a frame that retires a connection ID
 * @has_only: @only_on is the only path for it
 * @has_not: @not_on is no path for it
 * @only_on: path ID
 * @not_on: path ID
 * @sent_on: path ID that it was last sent on
 * @len: bytes in @data
 * @note: room to tell the owner that it arrived; once told, NULL
 * @data: whole frames
 */
struct mqvpn_delivery {
	struct list_head list;
	refcount_t ref;
	u64 serial;
	u64 cookie;
	bool listed;
	bool waiting;
	bool retires;
	bool has_only;
	bool has_not;
	u32 only_on;
	u32 not_on;
	u32 sent_on;
	u16 len;
	struct sk_buff *note;
	u8 data[];
};

/**
 * struct mqvpn_ride - the deliveries in one packet
 * @note: asks recovery what became of the packet
 * @count: how many
 * @what: they
 */
struct mqvpn_ride {
	struct mqvpn_sent_note note;
	unsigned int count;
	struct mqvpn_delivery *what[MQVPN_RIDE_MAX];
};

void mqvpn_control_init(struct mqvpn_control *control);
void mqvpn_control_exit(struct mqvpn_control *control);

/* up: frames-up.c */
struct mqvpn_message *mqvpn_message_new(struct mqvpn_conn *conn, u32 path_id,
					size_t len);
void mqvpn_message_drop(struct mqvpn_message *msg);
bool mqvpn_message_keep(struct mqvpn_conn *conn, struct mqvpn_message *msg);
void mqvpn_messages_tell(struct mqvpn_conn *conn);
int mqvpn_messages_ack(struct mqvpn_conn *conn, u64 sequence,
		       struct netlink_ext_ack *extack);

/* down: frames-down.c */
struct mqvpn_delivery *mqvpn_delivery_new(const u8 *data, size_t len);
int mqvpn_delivery_check(const struct mqvpn_conn *conn,
			 struct mqvpn_delivery *delivery,
			 struct netlink_ext_ack *extack);
int mqvpn_delivery_begin(struct mqvpn_conn *conn,
			 struct mqvpn_delivery *delivery,
			 struct netlink_ext_ack *extack);
void mqvpn_delivery_put(struct mqvpn_delivery *delivery);
int mqvpn_delivery_cancel(struct mqvpn_conn *conn, u64 cookie,
			  struct netlink_ext_ack *extack);
struct mqvpn_ride *mqvpn_ride_load(struct mqvpn_path *path,
				   struct sk_buff **frames);
void mqvpn_rides_end(struct mqvpn_path *path, struct mqvpn_sent_note *notes);
void mqvpn_rides_late(struct mqvpn_path *path);
void mqvpn_deliveries_kick(struct mqvpn_conn *conn,
			   const struct mqvpn_path *last);

/**
 * mqvpn_control_waiting() - tell whether there may be frames to send
 * @control: of a connection
 *
 * Context: any; looks without the lock, who changes the answer kicks.
 * Return: true if so.
 */
static inline bool mqvpn_control_waiting(const struct mqvpn_control *control)
{
	return READ_ONCE(control->waiting);
}

#endif
