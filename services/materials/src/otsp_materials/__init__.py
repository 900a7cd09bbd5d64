"""Training materials (培训材料): their versions, their reviews inside and outside, their use."""
