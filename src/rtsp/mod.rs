//! Floor 1: RTSP 1.0 (RFC 2326) without I/O. (Stub: owned by the RTSP helper.)
