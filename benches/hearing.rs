//! scratch
use std::path::Path;
fn read(p: &Path) -> Vec<i16> { let mut r = hound::WavReader::open(p).unwrap(); let n = r.spec(); let v: Vec<i16> = r.samples::<i16>().map(|s| s.unwrap()).collect(); if n.sample_rate==16000 { // crude lowpass decimate
 v.windows(4).step_by(2).map(|w| ((w[0] as i32+ 3*w[1] as i32+3*w[2] as i32+w[3] as i32)/8) as i16).collect() } else { v } }
fn lvl(f:&[i16])->f32{ let p=f.iter().map(|&s| s as f32*s as f32).sum::<f32>()/f.len() as f32; 10.0*(p.max(1.0)/(32768.0f32*32768.0)).log10() }
fn main() {
  use webrtc_vad::*;
  let root = Path::new("/work/shared");
  let mut files: Vec<_> = std::fs::read_dir(root.join("speech/tel8k")).unwrap().map(|e| e.unwrap().path()).collect(); files.sort();
  let noises = ["kitchen","dishes","exercise_bike","sb_noise1","sb_noise2","sb_noise3","hold_music_macroform","hold_music_manolo_camp","esc50_car_horn_NC","esc50_dog_NC","esc50_thunderstorm_NC","ringback_us","sit_intercept"];
  for mode in 0..4 {
    for (noise, snr) in [("none",0.0),("kitchen",15.0),("kitchen",8.0),("sb_noise1",10.0),("dishes",10.0)] {
      let nz = if noise=="none" {vec![]} else {read(&root.join("noise").join(format!("{noise}.wav")))};
      let (mut hit,mut sp,mut fa,mut ns)=(0,0,0,0); let mut lags=vec![]; let mut starts=vec![]; let mut longest_gap=vec![];
      for f in &files { let s = read(f);
        let peak = s.chunks(160).map(lvl).fold(-99.0f32,f32::max);
        let mut x: Vec<i16> = vec![0; 16000]; // 2 s lead
        x.extend(&s); x.extend(vec![0i16; 12000]);
        let truth: Vec<bool> = x.chunks_exact(160).map(|c| lvl(c) > peak-25.0).collect();
        if !nz.is_empty() { let rs = (s.iter().map(|&a| (a as f64).powi(2)).sum::<f64>()/s.len() as f64).sqrt(); let rn=(nz.iter().map(|&a| (a as f64).powi(2)).sum::<f64>()/nz.len() as f64).sqrt(); let g = rs/rn*10f64.powf(-snr/20.0);
          for (i,a) in x.iter_mut().enumerate(){ *a = (*a as f64 + nz[i%nz.len()] as f64*g).clamp(-32768.0,32767.0) as i16; } }
        else { for (i,a) in x.iter_mut().enumerate(){ *a = a.saturating_add(((i*7919)%9) as i16 -4); } }
        let m = match mode {0=>VadMode::Quality,1=>VadMode::LowBitrate,2=>VadMode::Aggressive,_=>VadMode::VeryAggressive};
        let mut v = Vad::new_with_rate_and_mode(SampleRate::Rate8kHz, m);
        let dec: Vec<bool> = x.chunks_exact(160).map(|c| v.is_voice_segment(c).unwrap()).collect();
        let last = truth.iter().rposition(|&t| t).unwrap(); let first = truth.iter().position(|&t| t).unwrap();
        for i in 0..dec.len() { if truth[i] {sp+=1; if dec[i]{hit+=1}} else if i+5<first || i>last+15 {ns+=1; if dec[i]{fa+=1}} }
        // lag: first of 5 consecutive false after last
        if let Some(k)=(last..dec.len().saturating_sub(5)).find(|&i| dec[i+1..i+6].iter().all(|d|!d)) { lags.push((k-last) as i32*20);} else {lags.push(9999)}
        if let Some(k)=(first.saturating_sub(3)..dec.len()-2).find(|&i| dec[i]&&dec[i+1]) { starts.push((k as i32-first as i32)*20);}
        // longest false gap where truth within
        let mut g=0; let mut mg=0; for i in first..=last { if truth[i] && !dec[i] {g+=1; mg=mg.max(g)} else if dec[i] {g=0} } longest_gap.push(mg*20);
      }
      lags.sort(); starts.sort(); longest_gap.sort(); let q=|v:&Vec<i32>,p:f32| v[((v.len()-1) as f32*p) as usize];
      println!("mode {mode} {noise:8} {snr:4}: hit {:.3} fa {:.3} endlag p50 {} p90 {} p97 {} start p50 {} p90 {} missgap p90 {} max {}", hit as f32/sp as f32, fa as f32/ns as f32, q(&lags,0.5),q(&lags,0.9),q(&lags,0.97), q(&starts,0.5),q(&starts,0.9), q(&longest_gap,0.9), q(&longest_gap,1.0));
    }
    print!("mode {mode} noise alone:");
    for n in noises { let x=read(&root.join("noise").join(format!("{n}.wav"))); let m = match mode {0=>VadMode::Quality,1=>VadMode::LowBitrate,2=>VadMode::Aggressive,_=>VadMode::VeryAggressive};
      let mut v = Vad::new_with_rate_and_mode(SampleRate::Rate8kHz, m); let d: Vec<bool>=x.chunks_exact(160).map(|c| v.is_voice_segment(c).unwrap()).collect(); print!(" {n} {:.2}", d.iter().filter(|d|**d).count() as f32/d.len() as f32); }
    println!();
  }
}
