fn block(h) { relu(h) }
