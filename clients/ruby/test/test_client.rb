# frozen_string_literal: true

require_relative "helper"

# Each method asks what the API's documentation says.
class TestClient < ClientTest
  OBJECT = SmallServer.answer(200, SmallServer.whole("it" => "came"))
  LIST = SmallServer.answer(200, [SmallServer.whole("it" => "came")])

  # Method, its arguments; the request that it makes, and its fields.
  ASKED = [
    [:reserve_din, ["JP1"], "POST", "/voice/dins/reservations/", { "din_uid" => "JP1" }],
    [:release_din, ["JP1"], "DELETE", "/voice/dins/reservations/JP1/"],
    [:subscribe_din, ["JP1"], "POST", "/voice/dins/subscriptions/", { "din_uid" => "JP1" }],
    [:subscribe_din, ["JP1", { action_url: "https://a.example/" }], "POST", "/voice/dins/subscriptions/",
     { "din_uid" => "JP1", "action_url" => "https://a.example/" }],
    [:get_subscription, ["JP1"], "GET", "/voice/dins/subscriptions/JP1/"],
    [:get_diagnosis, ["JP1"], "GET", "/voice/dins/subscriptions/JP1/diagnosis/"],
    [:set_action_url, ["JP1", "https://a.example/"], "POST", "/voice/dins/subscriptions/JP1/",
     { "action_url" => "https://a.example/" }],
    [:set_action_url, ["JP1", nil], "POST", "/voice/dins/subscriptions/JP1/", { "action_url" => nil }],
    [:set_urls, ["JP1", { fallback_url: nil }], "POST", "/voice/dins/subscriptions/JP1/", { "fallback_url" => nil }],
    [:set_urls, ["JP1", { default_action: Offhook::Script.new.hangup }], "POST", "/voice/dins/subscriptions/JP1/",
     { "default_action" => "hangup" }],
    [:unsubscribe_din, ["JP1"], "DELETE", "/voice/dins/subscriptions/JP1/"],
    [:set_rules, ["JP1", { "open" => "hangup" }], "PUT", "/voice/dins/subscriptions/JP1/rules/", { "open" => "hangup" }],
    [:set_rules, ["JP1", '{"open": "hangup"}'], "PUT", "/voice/dins/subscriptions/JP1/rules/", { "open" => "hangup" }],
    [:set_rules, ["JP1", { "open" => Offhook::Script.new.hangup, "block" => { "script" => Offhook::Script.new.say("en", '"') } }],
     "PUT", "/voice/dins/subscriptions/JP1/rules/", { "open" => "hangup", "block" => { "script" => 'say en "\""' } }],
    [:get_rules, ["JP1"], "GET", "/voice/dins/subscriptions/JP1/rules/"],
    [:preview_rules, ["JP1", { anonymous: true }], "GET", "/voice/dins/subscriptions/JP1/rules/preview/?anonymous=true"],
    [:delete_rules, ["JP1"], "DELETE", "/voice/dins/subscriptions/JP1/rules/"],
    [:get_call, ["c 1/2"], "GET", "/voice/calls/c%201%2F2/"],
    [:direct_call, ["c1", "hangup"], "POST", "/voice/calls/c1/", { "action" => "hangup" }],
    [:direct_call, ["c1", Offhook::Script.new.hangup], "POST", "/voice/calls/c1/", { "action" => "hangup" }],
    [:hang_up_call, ["c1"], "POST", "/voice/calls/c1/", { "status" => "completed" }],
    [:get_command, %w[c1 d2], "GET", "/voice/calls/c1/commands/d2/"],
    [:get_recording, ["r1"], "GET", "/voice/recordings/r1/"],
    [:mark_recording, ["r1"], "POST", "/voice/recordings/r1/", { "heard" => true }],
    [:mark_recording, ["r1", false], "POST", "/voice/recordings/r1/", { "heard" => false }],
    [:get_recording_link, ["r1"], "GET", "/voice/recordings/r1/link/"],
    [:delete_recording, ["r1"], "DELETE", "/voice/recordings/r1/"],
    [:get_account, [], "GET", "/account/"],
    [:get_signing, [], "GET", "/account/signing/"],
    [:set_signing, [{ sign_origins: ["https://a.example", "https://b.example"] }], "POST", "/account/signing/",
     { "sign_origins" => "https://a.example https://b.example" }],
    [:rotate_signing_secret, [], "POST", "/account/signing/secret/", {}],
    [:rotate_signing_secret, [{ old_secret: "drop" }], "POST", "/account/signing/secret/", { "old_secret" => "drop" }],
    [:remove_signing_secret, [], "DELETE", "/account/signing/secret/"]
  ].freeze
  LISTED = {
    get_reservation_list: "/voice/dins/reservations/", get_subscription_list: "/voice/dins/subscriptions/",
    get_breakers: "/account/breakers/"
  }.freeze
  PAGED = {
    get_din_list: "/voice/dins/", get_call_list: "/voice/calls/", get_recording_list: "/voice/recordings/",
    get_ledger: "/account/ledger/", get_usage: "/account/usage/"
  }.freeze

  def test_each_method_asks_what_the_api_documents
    ASKED.each do |name, arguments, method, target, fields|
      options = arguments.last.is_a?(Hash) && arguments.last.keys.all?(Symbol) ? arguments.last : {}
      answering(OBJECT) do |client|
        assert_equal(SmallServer.whole("it" => "came"), client.public_send(name, *(arguments - [options]), **options))
      end
      asked = @server.requests.last
      assert_equal [method, target], [asked.method, asked.target], name
      fields ? assert_equal(fields, asked.json, name) : assert_empty(asked.body, name)
    end
  end

  def test_lists_of_one_page_are_arrays
    LISTED.each do |name, path|
      answering(LIST) { |client| assert_equal [SmallServer.whole("it" => "came")], client.public_send(name) }
      assert_equal path, @server.requests.last.target
    end
    answering(LIST) { |client| assert_equal [SmallServer.whole("it" => "came")], client.get_timeline("c1") }
  end

  def test_lists_of_many_pages_are_enumerators
    PAGED.each do |name, path|
      answering(LIST) { |client| assert_equal [SmallServer.whole("it" => "came")], client.public_send(name).to_a }
      assert_equal path, @server.requests.last.target
    end
  end

  def test_the_audio_of_a_recording_is_bytes
    sound = "RIFF\x00\xFF".b
    { "wav" => "audio/wav", "mp3" => "audio/mpeg" }.each do |format, type|
      answering(SmallServer.answer(200, sound, type: type)) do |client|
        assert_equal sound, client.get_recording_audio("r1", format: format)
      end
      assert_equal "/voice/recordings/r1/audio.#{format}/", @server.requests.last.target
    end
    answering(SmallServer.answer(200, sound, type: "audio/wav")) { |client| client.get_recording_audio("r1") }
    assert_raises(Offhook::InvalidArgument) { client.get_recording_audio("r1", format: "ogg") }
  end

  def test_a_page_in_place_of_audio_is_no_audio
    answering(SmallServer.answer(200, "<html>", type: "text/html")) do |client|
      assert_raises(Offhook::UnexpectedAnswer) { client.get_recording_audio("r1") }
    end
  end

  def test_filters_are_written_as_the_api_reads_them
    day = Date.new(2026, 12, 1)
    filters = { since: Time.new(2026, 11, 1, 15, 0, 0, "+09:00"), until: day, heard: false, features: %w[a b], number: nil }
    answering(LIST) { |client| client.get_recording_list(**filters).to_a }
    assert_equal "since=2026-11-01T06%3A00%3A00.000Z&until=2026-12-01&heard=false&features=a%2Cb", @server.requests.last.query
  end

  def test_who_asks_is_told_in_one_header
    answering(OBJECT, &:get_account)
    assert_equal "Basic #{["shop:very-secret"].pack("m0")}", @server.requests.last.headers["authorization"]
  end

  def test_an_id_that_would_ask_for_something_else_is_refused
    ["", ".", "..", nil].each { |id| assert_raises(Offhook::InvalidArgument) { client.get_call(id) } }
    assert_empty @server.requests
  end

  def test_the_platform_may_live_below_a_path
    @server.answers << OBJECT
    Offhook::Client.new("#{@server.url}/phones/", "shop", "very-secret").get_account
    assert_equal "/phones/account/", @server.requests.last.target
  end

  def test_a_wrong_base_url_is_refused_without_being_repeated
    ["", "api.example.com", "ftp://a.example", "https://", "https://u:hidden@a.example", "https://a.example?x=1",
     "http://u:hidden@a b"].each do |url|
      error = assert_raises(Offhook::InvalidArgument) { Offhook::Client.new(url, "shop", "very-secret") }
      refute_includes error.full_message, "hidden"
    end
  end

  def test_wrong_settings_are_refused
    [{ timeout_s: 0 }, { timeout_s: "5" }, { tries: 0 }, { tries: 1.5 }, { longest_wait_s: -1 }].each do |settings|
      assert_raises(Offhook::InvalidArgument) { client(**settings) }
    end
    [["a:b", "t"], ["", "t"], ["s", ""], ["s", "a\nb"], [nil, "t"], ["s", "\xff"]].each do |sid, token|
      assert_raises(Offhook::InvalidArgument) { Offhook::Client.new(@server.url, sid, token) }
    end
  end

  def test_what_is_no_json_is_refused_before_it_is_sent
    assert_raises(Offhook::InvalidArgument) { client.direct_call("c1", "\xff") }
    assert_raises(Offhook::InvalidArgument) { client.set_rules("JP1", { "open" => Float::NAN }) }
  end
end
