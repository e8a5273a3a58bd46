# frozen_string_literal: true

require_relative "helper"

class TestSignature < Minitest::Test
  PATH = ENV.fetch("OFFHOOK_VECTORS") { File.expand_path("../../../tests/vectors/signatures.json", __dir__) }
  VECTORS = JSON.parse(File.read(PATH, encoding: "UTF-8"))
  BODY = '{"id": "evt_1", "event": "call.ended"}'
  SECRET = "whsec_first"

  def verify(vector, parameters = vector["parameters"], now: vector["now"] || vector["t"])
    Offhook.verify_request(vector["header"], parameters, vector["secrets"], now: now)
  end

  def event_header(body, t: 1_790_000_000, names: "body_sha256", line: "body_sha256=#{Digest::SHA256.hexdigest(body)}")
    "t=#{t},n=#{names},v1=#{OpenSSL::HMAC.hexdigest("SHA256", SECRET, [t, line].compact.join("\n"))}"
  end

  def test_there_are_vectors
    %w[signed accepted refused].each { |kind| refute_empty VECTORS.fetch(kind) }
  end

  VECTORS["signed"].each do |vector|
    define_method("test_signed: #{vector["name"]}") do
      assert_equal vector["text"], Offhook::Signature.signed_text(vector["parameters"], vector["t"])
      assert_equal vector["parameters"].sort.to_h, verify(vector).sort.to_h
      assert_equal vector["parameters"].sort.to_h, verify(vector, vector["query"]).sort.to_h
      assert_equal vector["parameters"].sort.to_h, verify(vector, vector["query"].b).sort.to_h
    end
  end

  VECTORS["accepted"].each { |vector| define_method("test_accepted: #{vector["name"]}") { assert verify(vector) } }

  VECTORS["refused"].each do |vector|
    define_method("test_refused: #{vector["name"]}") do
      error = assert_raises(Offhook::SignatureRefused) { verify(vector) }
      assert_includes Offhook::Signature::REASONS, error.reason
    end
  end

  RECEIVED = JSON.parse(File.read(File.join(File.dirname(PATH), "received.json"), encoding: "UTF-8"))

  def good?
    yield
    true
  rescue Offhook::SignatureRefused
    false
  end

  RECEIVED["requests"].each do |vector|
    define_method("test_request: #{vector["name"]}") do
      [vector["query"], vector["query"].b].each do |query|
        given = [vector["header"], query, vector["secrets"]]
        assert_equal vector["is_good"], good? { Offhook.verify_request(*given, now: vector["now"]) }
      end
    end
  end

  RECEIVED["events"].each do |vector|
    define_method("test_event: #{vector["name"]}") do
      given = [vector["header"], vector["body"].unpack1("m0"), vector["secrets"]]
      assert_equal vector["is_good"], good? { Offhook.verify_event(*given, now: vector["now"]) }
    end
  end

  def test_each_refusal_has_its_reason
    reasons = VECTORS["refused"].to_h do |vector|
      [vector["name"], assert_raises(Offhook::SignatureRefused) { verify(vector) }.reason]
    end
    { "301 seconds later" => :stale, "another secret" => :wrong, "no secret at all" => :no_secret, "no signature" => :missing,
      "a listed parameter that is missing" => :parameter_missing, "a listed parameter that came twice" => :parameter_repeated,
      "two times" => :malformed }.each { |name, reason| assert_equal reason, reasons.fetch(name) }
  end

  def test_only_what_is_vouched_for_is_returned
    vector = VECTORS["accepted"].find { |one| one["parameters"].map(&:first).include?("shop") }
    refute_includes verify(vector), "shop"
  end

  def test_parameters_may_be_a_hash_and_several_values_are_seen_in_it
    vector = VECTORS["signed"].first
    assert verify(vector, vector["parameters"].to_h)
    twice = vector["parameters"].to_h.transform_values { |value| [value, value] }
    assert_equal :parameter_repeated, assert_raises(Offhook::SignatureRefused) { verify(vector, twice) }.reason
  end

  def test_a_plus_in_a_query_is_a_blank
    vector = VECTORS["signed"][1]
    assert verify(vector, vector["query"].gsub("%20", "+"))
  end

  def test_an_odd_query_is_read_as_far_as_it_goes
    error = assert_raises(Offhook::SignatureRefused) { verify(VECTORS["signed"].first, "caller=é&%zz&%") }
    assert_equal :parameter_missing, error.reason
  end

  def test_bytes_that_are_no_characters_are_refused_quietly
    vector = VECTORS["signed"].first
    ["t=\xff,n=a,v1=b", "t=\xff".b, "\u0000", ",,,=", "t=1,n=a,v1=\n"].each do |header|
      assert_raises(Offhook::SignatureRefused) { verify(vector.merge("header" => header)) }
    end
    [[["caller", "\xff"]], { "caller" => "\xff".b }, "caller=\xff", "caller=%ff", { call_id: nil }].each do |parameters|
      assert_raises(Offhook::SignatureRefused) { verify(vector, parameters) }
    end
  end

  def test_an_empty_secret_is_none
    vector = VECTORS["signed"].first
    [nil, "", [], [""]].each do |secrets|
      error = assert_raises(Offhook::SignatureRefused) { verify(vector.merge("secrets" => secrets)) }
      assert_equal :no_secret, error.reason
    end
  end

  def test_a_secret_alone_need_be_no_list_and_now_may_be_a_time
    vector = VECTORS["signed"].first
    assert Offhook.verify_request(vector["header"], vector["query"], vector["secrets"].first, now: Time.at(vector["t"]))
  end

  def test_now_is_the_clock_if_it_is_not_said
    t = Time.now.to_i
    assert Offhook.verify_event(event_header(BODY, t: t), BODY, [SECRET])
    old = event_header(BODY, t: t - 400)
    error = assert_raises(Offhook::SignatureRefused) { Offhook.verify_event(old, BODY, [SECRET]) }
    assert_equal :stale, error.reason
    assert Offhook.verify_event(old, BODY, [SECRET], tolerance_s: 500)
  end

  def test_an_event_is_known_by_the_bytes_of_its_body
    assert Offhook.verify_event(event_header(BODY), BODY, [SECRET], now: 1_790_000_000)
    [["#{BODY} ", SECRET], [BODY, "another"]].each do |body, secret|
      error = assert_raises(Offhook::SignatureRefused) do
        Offhook.verify_event(event_header(BODY), body, [secret], now: 1_790_000_000)
      end
      assert_equal :wrong, error.reason
    end
  end

  def test_a_signature_of_something_else_is_none_of_a_body
    header = event_header(BODY, names: "", line: nil)
    error = assert_raises(Offhook::SignatureRefused) { Offhook.verify_event(header, BODY, [SECRET], now: 1_790_000_000) }
    assert_equal :malformed, error.reason
    vector = VECTORS["signed"].first
    assert_raises(Offhook::SignatureRefused) do
      Offhook.verify_event(vector["header"], BODY, vector["secrets"], now: vector["t"])
    end
  end

  def test_no_message_holds_a_secret
    VECTORS["refused"].each do |vector|
      error = assert_raises(Offhook::SignatureRefused) { verify(vector) }
      vector["secrets"].each { |secret| refute_includes error.message, secret }
    end
  end
end
