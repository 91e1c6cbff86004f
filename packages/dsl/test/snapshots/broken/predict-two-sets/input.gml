data d from "d.csv" { x: f32[4] = columns 0..3 }
data e from "e.csv" { x: f32[4] = columns 0..3 }

predict {
  model = d.x + e.x
  batch = 8
}
