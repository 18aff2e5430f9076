/* SPDX-License-Identifier: GPL-2.0 */
/* Every limit, timer and wire constant of the module in one place. */
#ifndef MQVPN_LIMITS_H
#define MQVPN_LIMITS_H

/* RFC 9000 section 17.3: first byte of a short header */
#define MQVPN_HDR_FORM_LONG	0x80
#define MQVPN_HDR_FIXED_BIT	0x40
#define MQVPN_HDR_SPIN		0x20
#define MQVPN_HDR_RESERVED	0x18
#define MQVPN_HDR_KEY_PHASE	0x04
#define MQVPN_HDR_PN_LEN	0x03

/* RFC 9000 section 17.2 and 5.1: connection IDs */
#define MQVPN_CID_MAX		20	/* longest connection ID of a peer */
#define MQVPN_CID_LEN		8	/* length of every ID that we issue */
#define MQVPN_RESET_TOKEN_LEN	16
#define MQVPN_CID_MIN_INITIAL	8	/* shortest that a client makes up */
#define MQVPN_RESET_MIN		21	/* shortest stateless reset */
#define MQVPN_VERSION_1		1

/* RFC 9000 section 12.3, RFC 10069 section 4: numbers never wrap */
#define MQVPN_PN_LEN		4	/* bytes that we send of one */
#define MQVPN_PN_MAX		((1ULL << 62) - 1)
#define MQVPN_PN_NONE		(~0ULL)
#define MQVPN_VARINT_MAX	((1ULL << 62) - 1)
#define MQVPN_PATH_ID_MAX	0xffffffffULL

/* RFC 9001 sections 5.3 and 5.4 */
#define MQVPN_TAG_LEN		16
#define MQVPN_IV_LEN		12
#define MQVPN_SAMPLE_LEN	16
#define MQVPN_MASK_LEN		5
#define MQVPN_SECRET_MAX	48	/* SHA-384 */
#define MQVPN_KEY_MAX		32

/* RFC 9001 section 6.6: packets that may be sealed with one key */
#define MQVPN_GCM_SEAL_MAX	8388608ULL	/* 2^23 */
#define MQVPN_GCM_FAIL_MAX	4503599627370496ULL	/* 2^52 that fail */
#define MQVPN_CHACHA_FAIL_MAX	68719476736ULL	/* 2^36 */
#define MQVPN_KEY_LIMIT_MIN	256	/* least limit that a user may set */
#define MQVPN_KEY_RESERVE	64	/* of a key, for CONNECTION_CLOSE */
#define MQVPN_KEY_PTOS		3	/* that old keys are kept, in PTOs */
#define MQVPN_KEY_RETRY_NS	(1000 * 1000 * 1000ULL)	/* without memory */

/* Longest short header: first byte, connection ID, packet number */
#define MQVPN_HDR_MAX		(1 + MQVPN_CID_MAX + 4)

/* RFC 9221, RFC 9297, RFC 9484: 0x30, quarter stream ID, context ID 0 */
#define MQVPN_DATAGRAM_HEAD_MAX	(1 + 8 + 1)

/* Acknowledgements, RFC 9000 section 13.2 */
#define MQVPN_ACK_WINDOW	8192	/* packet numbers remembered a path */
#define MQVPN_ACK_RANGES_TX	32	/* ranges in an acknowledgement sent */
#define MQVPN_ACK_RANGES_RX	64	/* ranges accepted in a received one */
#define MQVPN_ACK_FRAME_MAX	192	/* bytes of an acknowledgement sent */
#define MQVPN_ACK_EVERY		10	/* ack-eliciting packets */
#define MQVPN_ACK_DELAY_NS	(5 * 1000 * 1000ULL)	/* max_ack_delay */
#define MQVPN_ACK_DELAY_EXP	3	/* ack_delay_exponent, the default */

/* Loss detection, RFC 9002 section 6.1 */
#define MQVPN_SENT_RING		4096	/* packets in flight a path, 2^n */
#define MQVPN_SENT_SMALL	128	/* and without a table, 2^n */
#define MQVPN_SENT_BLOCK	32	/* remembered at a time, 2^n */
#define MQVPN_REORDER_PKTS	3	/* kPacketThreshold */
#define MQVPN_RTT_INITIAL_US	333000	/* kInitialRtt */
#define MQVPN_RTT_GRANULE_US	1000	/* kGranularity */
#define MQVPN_PTO_PROBES	2	/* packets sent at a probe time-out */
#define MQVPN_PTO_SHIFT_MAX	16	/* times that it doubles */
#define MQVPN_PTO_MAX_NS	(60 * 1000 * 1000 * 1000ULL)
#define MQVPN_PERSISTENT_PTOS	3	/* kPersistentCongestionThreshold */

/* Congestion control, RFC 9002 section 7 */
#define MQVPN_CWND_INITIAL	14720	/* bytes */
#define MQVPN_CWND_MIN_PKTS	4	/* below that acknowledgments stall */
#define MQVPN_RATE_MAX		125000000000ULL	/* bytes/s, 1 Tbit/s */

/* Packet numbers that are left out, RFC 9000 section 21.4 */
#define MQVPN_SKIP_MIN		64
#define MQVPN_SKIP_RANGE	4096

/* Path validation, RFC 9000 section 8.2 */
#define MQVPN_CHALLENGE_LEN		8
#define MQVPN_CHALLENGES		4	/* that may still be answered */
#define MQVPN_CHALLENGE_FAILURES	3	/* until a path is dead */
#define MQVPN_CHALLENGE_MAX_NS	(5 * 1000 * 1000 * 1000ULL)
#define MQVPN_DATAGRAM_MIN		1200	/* what a path has to carry */
#define MQVPN_IDS_NEEDED_NS		(1000 * 1000 * 1000ULL)

/* Errors that we find ourselves, RFC 9000 section 20.1 */
#define MQVPN_ERROR_NONE		0x00
#define MQVPN_ERROR_FRAME_ENCODING	0x07
#define MQVPN_ERROR_PROTOCOL_VIOLATION	0x0a
#define MQVPN_ERROR_KEY_UPDATE		0x0e
#define MQVPN_ERROR_AEAD_LIMIT_REACHED	0x0f

/* Closing, RFC 9000 section 10.2 */
#define MQVPN_CLOSE_REASON_MAX	128	/* bytes of a reason phrase */
#define MQVPN_CLOSE_FRAME_MAX	(1 + 8 + 8 + 2 + MQVPN_CLOSE_REASON_MAX)
#define MQVPN_CLOSE_PTOS	3	/* how long it takes, in PTOs */
#define MQVPN_IDLE_PTOS		3	/* shortest idle time-out, in PTOs */

/* Frames in front of an inner packet: acknowledgement, DATAGRAM head */
#define MQVPN_HEAD_MAX \
	(MQVPN_HDR_MAX + MQVPN_ACK_FRAME_MAX + MQVPN_DATAGRAM_HEAD_MAX)

/* Longest packet of an acknowledgement and PING, or of CONNECTION_CLOSE */
#define MQVPN_BARE_MAX \
	(MQVPN_HDR_MAX + MQVPN_ACK_FRAME_MAX + 1 + MQVPN_TAG_LEN)

/*
 * Objects. A connection with one idle path takes 15 KiB, its keys included, on
 * x86-64 with instructions for AES; 31 KiB where AES-GCM is the generic one.
 */
#define MQVPN_PATHS_MAX		16	/* paths at a time in a connection */
#define MQVPN_CONNS_MAX		16384	/* connections of a device */
#define MQVPN_CIDS_MAX		64	/* connection IDs of an end */
#define MQVPN_PREFIXES_MAX	65536	/* prefixes of a device */
#define MQVPN_SOCKETS_MAX	64	/* sockets of a device */

/* Control frames that the owner, and the peer, has not acknowledged */
#define MQVPN_UP_BYTES		32768	/* credit of a connection */
#define MQVPN_UP_COUNT		64	/* and in messages */
#define MQVPN_UP_MESSAGE_MAX	16384	/* bytes of one message */
#define MQVPN_UP_TOTAL		(64 * 1024 * 1024)	/* of all connections */
#define MQVPN_DOWN_BYTES	65536	/* outstanding of a connection */
#define MQVPN_DOWN_COUNT	256
#define MQVPN_RIDE_MAX		8	/* deliveries in one packet */
#define MQVPN_RIDE_RETRY_NS	(10 * 1000 * 1000ULL)	/* key or memory */

/* Datagrams for the owner, tokens of each kind; more than a unit costs more */
#define MQVPN_UP_UNIT		1500	/* bytes */
#define MQVPN_UP_KNOWN_RATE	8192	/* a second */
#define MQVPN_UP_KNOWN_BURST	1024
#define MQVPN_UP_STRANGER_RATE	4096
#define MQVPN_UP_STRANGER_BURST	512
#define MQVPN_UP_FEW_RATE	64
#define MQVPN_UP_FEW_BURST	16

/* Addresses that are not validated, RFC 9000 section 8.1 */
#define MQVPN_AMPLIFY_FACTOR	3
#define MQVPN_STRANGERS		1024	/* of a device, a power of two */
#define MQVPN_STRANGER_WAYS	8
#define MQVPN_STRANGER_AGE_NS	(60 * 1000 * 1000 * 1000ULL)

/* Packets that wait for the owner of a path's transmit side */
#define MQVPN_TXQ_MAX		1024
#define MQVPN_TX_BATCH		64	/* packets an owner sends in one turn */
#define MQVPN_TX_TURN_NS	(1000 * 1000ULL)	/* and for how long */

/* AEAD requests kept ready per CPU and use; deferred ones may take them all */
#define MQVPN_CRYPT_POOL	128
#define MQVPN_CRYPT_REQSIZE	1024	/* largest transform context accepted */

/* Flow table of a connection, powers of two: at most, and to begin with */
#define MQVPN_FLOWS		1024
#define MQVPN_FLOWS_MIN		16
#define MQVPN_FLOW_WAYS		4
#define MQVPN_FLOW_IDLE_S	60

/* Inner MTU: what fits a 1,500-byte IPv6 underlay; bounds of the device */
#define MQVPN_MTU_DEFAULT	1420
#define MQVPN_MTU_MIN		1280
#define MQVPN_MTU_MAX \
	(65535 - 40 - 8 - MQVPN_HEAD_MAX - MQVPN_TAG_LEN)

#endif
