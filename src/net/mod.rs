//! Floor 2: sockets with deadlines. (Stub: owned by the NET helper.)
