# frozen_string_literal: true

# What every client does with one server, step by step: a line of JSON each, the same in every language.
#
# OFFHOOK_URL, OFFHOOK_SID, OFFHOOK_TOKEN and OFFHOOK_VECTORS say where, who, and where the signature vectors are.

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "json"
require "offhook"

RULES = {
  "time_zone" => "Asia/Tokyo",
  "block" => { "callers" => ["4930*", "819011111111"], "script" => "reject declined" },
  "anonymous" => { "script" => 'say en "Please call again and show your number."' },
  "dates" => [
    { "date" => "2026-12-24", "hours" => ["09:00-12:00"], "open" => %(say en "Merry Christmas!"\ntransfer 81312345678) },
    { "date" => "2026-12-29", "last_date" => "2027-01-03", "closed" => 'say en "A happy new year! We are back on January 4."' }
  ],
  "hours" => { "monday" => ["09:00-12:00", "13:00-17:00"], "friday" => ["09:00-17:00", "22:00-02:00"] },
  "open" => "transfer 81312345678",
  "closed" => 'say en "We are closed."'
}.freeze

def main
  url, sid, token = %w[URL SID TOKEN].map { |name| ENV.fetch("OFFHOOK_#{name}") }
  client = Offhook::Client.new(url, sid, token)
  search(client)
  subscription(client)
  log(client)
  stranger(Offhook::Client.new(url, sid, "wrong"))
  without_server
end

def show(step, result) = puts(JSON.generate({ step: step, result: result }))

def search(client)
  show "search", dins(client.get_din_list)
  show "filtered", dins(client.get_din_list(prefix: "813"))
  show "paged", dins(client.get_din_list(limit: 1))
  client.get_din_list(colour: "red").to_a
rescue Offhook::BadRequest => error
  show "bad-filter", { error: "bad-request", fields: error.fields.keys }
end

def subscription(client)
  uid = client.get_din_list(prefix: "8150").first.fetch("din_uid")
  url = "https://shop.example/calls?shop=7"
  taken = client.subscribe_din(uid, action_url: url, idempotency_key: "scenario-1")
  show "subscribed", taken.slice("din", "status", "action_url")
  show "same-key", client.subscribe_din(uid, action_url: url, idempotency_key: "scenario-1") == taken
  conflict(client, uid, url)
  show "listed", dins(client.get_subscription_list)
  script = Offhook::Script.new.say("en", %(He said "later".\nBye))
  changed = client.set_urls(uid, fallback_url: "https://shop.example/spare", default_action: script.text)
  show "set", changed.slice("fallback_url", "default_action")
  show "cleared", client.set_urls(uid, fallback_url: nil)["fallback_url"]
  show "rules", rules(client, uid)
  show "diagnosis", diagnosis(client.get_diagnosis(uid))
  show "ended", client.unsubscribe_din(uid)["status"]
end

def conflict(client, uid, url)
  client.subscribe_din(uid, action_url: url, idempotency_key: "scenario-2")
rescue Offhook::Conflict => error
  show "taken", { error: "conflict", code: error.code }
end

def rules(client, uid)
  client.set_action_url(uid, nil)
  client.set_rules(uid, RULES)
  decided = client.preview_rules(uid, at: "2026-11-23T10:00:00+09:00", caller: "819012345678")
  client.delete_rules(uid)
  decided.slice("rule", "script")
end

def diagnosis(told)
  findings = told["findings"].map { |one| one.values_at("code", "verdict", "cure") }
  { din: told["din"], verdict: told["verdict"], findings: findings }
end

def log(client)
  not_found(client)
  show "calls", client.get_call_list.count
  show "account", client.get_account.slice("name", "balance")
  show "ledger", client.get_ledger.map { |posting| posting["kind"] }
end

def not_found(client)
  client.get_call("nothing")
rescue Offhook::NotFound => error
  show "not-found", { error: "not-found", code: error.code }
  show "help", error.help
end

def stranger(client)
  client.get_account
rescue Offhook::Unauthorized => error
  show "unauthorized", { error: "unauthorized", code: error.code }
end

def without_server
  vectors = JSON.parse(File.read(ENV.fetch("OFFHOOK_VECTORS"), encoding: "UTF-8"))
  good = vectors["signed"].map { |vector| vector.merge("now" => vector["t"]) } + vectors["accepted"]
  accepted = good.count { |vector| accepted?(vector) }
  refused = vectors["refused"].count { |vector| !accepted?(vector) }
  show "vectors", { accepted: accepted, refused: refused }
  script = Offhook::Script.new.say("en", %q(He said "hi" \ back)).transfer("+81-3-1234-5678", ring: 20).voicemail
  show "script", script.text
end

def accepted?(vector)
  Offhook.verify_request(vector["header"], vector["parameters"], vector["secrets"], now: vector["now"])
  true
rescue Offhook::SignatureRefused
  false
end

def dins(numbers) = numbers.map { |number| number["din"] }

main
