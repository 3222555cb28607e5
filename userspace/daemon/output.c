// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/port.h"

struct output {
	struct net_port *port;
	size_t count;
	struct net_outgoing batch[NET_BATCH];
	uint8_t bytes[NET_BATCH][SERVER_REPLY_MAX];
};

int output_new(struct net_port *port, struct output **ret_output)
{
	struct output *output = calloc(1, sizeof(*output));

	if (!output)
		return -ENOMEM;
	output->port = port;
	*ret_output = output;
	return 0;
}

void output_free(struct output *output)
{
	free(output);
}

void output_send(struct output *output)
{
	if (output->count)
		net_port_send(output->port, output->batch, output->count);
	output->count = 0;
}

void output_reply(struct output *output, const struct server_reply *reply)
{
	struct net_outgoing *outgoing;

	if (!reply->length)
		return;
	if (output->count == NET_BATCH)
		output_send(output);
	outgoing = &output->batch[output->count];
	memcpy(output->bytes[output->count], reply->bytes, reply->length);
	*outgoing = (struct net_outgoing){
		.bytes = output->bytes[output->count],
		.length = reply->length,
		.source = reply->source,
		.destination = reply->destination,
		.destination_port = reply->destination_port,
		.by_hardware = reply->by_hardware,
		.ifindex = reply->by_hardware || reply->destination == 0xffffffffU ? reply->ifindex
										   : 0,
	};
	memcpy(outgoing->hardware, reply->hardware, sizeof(outgoing->hardware));
	output->count++;
}
