import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;

/** Who is it? The check that a chat server in Java makes for every request from the gateway. jose4j 0.9, Java 11. */
public final class VerifyAssertion {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The request must not be served as the person it speaks of. */
  public static final class Refused extends Exception {
    Refused(String code) {
      super(code);
    }
  }

  /** One for the whole process: it keeps the keys, and asks again for a key that it does not know. */
  private final JwtConsumer consumer;

  public VerifyAssertion(String jwksUrl, String issuer, String audience) {
    HttpsJwks keys = new HttpsJwks(jwksUrl);
    keys.setDefaultCacheDuration(600);
    keys.setRetainCacheOnErrorDuration(60);
    keys.setRefreshReprieveThreshold(30000);
    consumer =
        new JwtConsumerBuilder()
            .setVerificationKeyResolver(new HttpsJwksVerificationKeyResolver(keys))
            // never what the token says
            .setJwsAlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
            .setExpectedType(true, "JWT")
            .setExpectedIssuer(issuer)
            .setExpectedAudience(audience)
            .setRequireExpirationTime()
            .setRequireIssuedAt()
            .setRequireJwtId()
            .setRequireSubject()
            .setAllowedClockSkewInSeconds(5)
            .setIssuedAtRestrictions(0, 60)
            .build();
  }

  /** The claims of a good assertion. */
  public JwtClaims verify(String assertion) throws Refused {
    try {
      JwtClaims claims = consumer.processToClaims(assertion);
      boolean named = claims.hasClaim("customer") && claims.hasClaim("connection");
      if (!named || claims.getExpirationTime().getValue() - claims.getIssuedAt().getValue() > 60)
        throw new Refused("assertion_refused");
      return claims;
    } catch (InvalidJwtException error) {
      throw new Refused(codeOf(error));
    } catch (MalformedClaimException error) {
      throw new Refused("assertion_refused");
    }
  }

  /** In a servlet, the values of a header are {@code Collections.list(request.getHeaders(name))}. */
  public Map<String, Object> identify(Map<String, List<String>> headers) throws Exception {
    List<String> assertions = headers.getOrDefault("X-Secure-Chat-Assertion", List.of());
    if (assertions.size() != 1) throw new Refused(assertions.isEmpty() ? "assertion_missing" : "assertion_refused");
    JwtClaims claims = verify(assertions.get(0));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", true);
    answer.put("sub", claims.getSubject());
    answer.put("nickName", claims.getClaimValue("nickName"));
    answer.put("variables", claims.getClaimValue("variables"));
    Map<String, Object> plain = new LinkedHashMap<>();
    plain.put("nickName", plain(headers, "Nickname"));
    plain.put("variables", JSON.readTree(plain(headers, "Variables")));
    answer.put("plain", plain);
    return answer;
  }

  /** A plain header, decoded. URLDecoder reads forms, in which a plus sign is a blank: so that one is kept from it. */
  private static String plain(Map<String, List<String>> headers, String name) {
    List<String> values = headers.getOrDefault("X-Secure-Chat-" + name, List.of());
    if (values.size() != 1) return "";
    return URLDecoder.decode(values.get(0).replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String codeOf(InvalidJwtException error) {
    if (error.hasErrorCode(ErrorCodes.EXPIRED)) return "assertion_expired";
    if (error.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)) return "assertion_audience";
    if (error.hasErrorCode(ErrorCodes.ISSUER_INVALID)) return "assertion_issuer";
    return "assertion_refused";
  }

  /** One request a line: {"Header-Name": ["value"], ...}. A server has an HTTP library instead. */
  public static void main(String[] args) throws Exception {
    VerifyAssertion verifier =
        new VerifyAssertion(System.getenv("JWKS_URL"), System.getenv("ISSUER"), System.getenv("AUDIENCE"));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      headers.putAll(JSON.readValue(line, new TypeReference<Map<String, List<String>>>() {}));
      Map<String, Object> answer;
      try {
        answer = verifier.identify(headers);
      } catch (Refused refused) {
        answer = Map.of("ok", false, "error", refused.getMessage());
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }
}
