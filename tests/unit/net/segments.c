/* SPDX-License-Identifier: GPL-2.0-only */
/* Apart, because <uv.h> brings the C library's older struct tcp_info. */
#include "segments.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

unsigned segments_out(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) ? ~0U
								     : info.tcpi_data_segs_out;
}
