// Layers shared between jobs.
let expansion = 4

fn block(h: f32[n, d], rate: number = 0.1) -> f32[n, d] {
  let inner = gelu(linear(layer_norm(h), expansion * d))
  h + dropout(linear(inner, d), rate)
}

fn tower(h, depth: integer, width) {
  let h = relu(linear(h, width))
  repeat depth { h = block(h) }
  layer_norm(h)
}
