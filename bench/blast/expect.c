// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/expect.h"

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/kinds.h"

void expectation_fill(const struct settings *settings, const struct population *population,
		      uint32_t index, enum form form, struct expectation *ret)
{
	const struct client *client = &population->clients[index];
	const struct kind *kind = &kinds[client->kind];
	bool has_address = form == FORM_RENEWING || form == FORM_REBINDING;

	ret->mac = population_mac(population, index);
	ret->type = form == FORM_DISCOVER ? MESSAGE_OFFER : MESSAGE_ACK;
	ret->relayed = request_relayed(client, form);
	ret->broadcast = kind->broadcast && !has_address;
	ret->lenient = settings->lenient;
	ret->giaddr = population->giaddr;
	ret->ciaddr = has_address ? client->address : 0;
	ret->address = form == FORM_DISCOVER ? 0 : client->address;
	ret->server_id = 0;
	if (form == FORM_SELECTING || (form == FORM_RENEWING && !settings->moving))
		ret->server_id = client->server_id;
	ret->lease = (uint32_t)settings->lease;
	ret->content = form == FORM_DISCOVER || settings->lenient ? 0 : client->content;
	ret->max_size = kind->max_size;
	if (client->flags & CLIENT_RELAYED)
		memcpy(ret->link_mac, population->relay_mac, 6);
	else
		put48(ret->link_mac, ret->mac);
	ret->identity_length = (uint8_t)identity_write(population, index, ret->identity);
	ret->agent_length = 0;
	if (ret->relayed)
		ret->agent_length = (uint8_t)agent_write(population, index, ret->agent);
}
