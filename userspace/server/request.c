// SPDX-License-Identifier: GPL-2.0-only
#include "server/request.h"

enum dhcp_refusal server_request_parse(const uint8_t *bytes, size_t length,
				       struct server_request *ret_request)
{
	enum dhcp_refusal refusal = dhcp_message_parse(bytes, length, &ret_request->message);

	if (refusal != DHCP_REFUSE_NONE)
		return refusal;
	if (!dhcp_ident_of(&ret_request->message, &ret_request->ident))
		return DHCP_REFUSE_NO_CLIENT;
	return DHCP_REFUSE_NONE;
}
